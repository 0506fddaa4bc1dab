"""Runs one phase of ezkl: `runner.py PHASE --NAME PATH …`, through its Python package or, with --ezkl, its command.

Exit codes: 0 done (verify: accepted), 1 failed (verify: rejected), 2 usage (verify: could not be judged).
"""

import argparse
import contextlib
import json
import os
import subprocess
import sys
import tempfile
import time


# The package's and the program's own defaults differ; src/prover/ezkl.ts declares these.
VISIBILITY = {"input": "public", "output": "public", "param": "fixed"}


class Package:
    """The Python package in this interpreter."""

    def __init__(self, _):
        import ezkl

        self.ezkl = ezkl

    def settings(self, a, settings):
        run_args = self.ezkl.PyRunArgs()
        run_args.input_scale = run_args.param_scale = a.scale_bits
        run_args.num_inner_cols = a.inner_cols
        for part, visibility in VISIBILITY.items():
            setattr(run_args, f"{part}_visibility", visibility)
        require(self.ezkl.gen_settings(a.model, settings, py_run_args=run_args), "gen_settings")
        scales = [a.scale_bits]
        require(
            self.ezkl.calibrate_settings(a.input, a.model, settings, "resources", scales=scales),
            "calibrate_settings",
        )

    def srs(self, path, logrows):
        self.ezkl.gen_srs(path, logrows)

    def compile(self, a, srs):
        require(self.ezkl.compile_circuit(a.model, a.circuit, a.settings), "compile_circuit")
        require(self.ezkl.setup(a.circuit, a.vk, a.pk, srs), "setup")

    def witness(self, a):
        self.ezkl.gen_witness(a.input, a.circuit, a.witness)

    def prove(self, a, srs):
        self.ezkl.prove(a.witness, a.circuit, a.pk, a.proof, srs)

    def verify(self, a, srs):
        try:
            return self.ezkl.verify(a.proof, a.settings, a.vk, srs)
        except RuntimeError as error:
            # Any other failure, such as a file that is not a proof, is not a verdict.
            if "[halo2]" not in str(error):
                raise
            print(error)
            return False


class Command:
    """The `ezkl` command: the same steps, each in a separate process."""

    def __init__(self, program):
        self.program = program

    def run(self, *words):
        code = subprocess.run([self.program, *map(str, words)], stdin=subprocess.DEVNULL).returncode
        require(code == 0, f"ezkl {words[0]} (exit code {code})")

    def settings(self, a, settings):
        scales = [f"--input-scale={a.scale_bits}", f"--param-scale={a.scale_bits}"]
        model = ["--model", a.model, "--settings-path", settings]
        shown = [f"--{part}-visibility={visibility}" for part, visibility in VISIBILITY.items()]
        self.run("gen-settings", *model, *scales, f"--num-inner-cols={a.inner_cols}", *shown)
        self.run("calibrate-settings", "--data", a.input, *model, "--target=resources", f"--scales={a.scale_bits}")

    def srs(self, path, logrows):
        self.run("gen-srs", "--srs-path", path, "--logrows", logrows)

    def compile(self, a, srs):
        circuit = ["--compiled-circuit", a.circuit]
        self.run("compile-circuit", "--model", a.model, *circuit, "--settings-path", a.settings)
        self.run("setup", *circuit, "--vk-path", a.vk, "--pk-path", a.pk, "--srs-path", srs)

    def witness(self, a):
        self.run("gen-witness", "--data", a.input, "--compiled-circuit", a.circuit, "--output", a.witness)

    def prove(self, a, srs):
        files = ["--witness", a.witness, "--compiled-circuit", a.circuit, "--pk-path", a.pk]
        self.run("prove", *files, "--proof-path", a.proof, "--srs-path", srs)

    def verify(self, a, srs):
        files = ["--proof-path", a.proof, "--settings-path", a.settings, "--vk-path", a.vk]
        words = [self.program, "verify", *files, "--srs-path", srs]
        code = subprocess.run(words, stdin=subprocess.DEVNULL).returncode
        # A panic (101) or a signal is not a verdict.
        require(code in (0, 1), f"ezkl verify (exit code {code})")
        return code == 0


class Failed(Exception):
    pass


def require(done, what):
    if not done:
        raise Failed(f"{what} did not succeed")


def read_logrows(settings):
    with open(settings, encoding="utf-8") as file:
        return json.load(file)["run_args"]["logrows"]


def locate_srs(a, logrows):
    return os.path.join(a.srs_dir, f"kzg{logrows}.srs")


def prepare(ezkl, a):
    """The SRS for the model's logrows, once for all runs: no phase's time holds it."""
    with tempfile.TemporaryDirectory() as folder:
        settings = os.path.join(folder, "settings.json")
        ezkl.settings(a, settings)
        logrows = read_logrows(settings)
    print(f"prepared_logrows={logrows}")
    path = locate_srs(a, logrows)
    if a.max_logrows is not None and logrows > a.max_logrows:
        return
    if os.path.exists(path):
        print("srs_time_s=0")
        return
    os.makedirs(a.srs_dir, exist_ok=True)
    unfinished = f"{path}.{os.getpid()}.tmp"
    start = time.monotonic()
    try:
        ezkl.srs(unfinished, logrows)
        print(f"srs_time_s={time.monotonic() - start:.3f}")
        # Never overwrites one that another process has made in the meantime: keys may have been made from it.
        with contextlib.suppress(FileExistsError):
            os.link(unfinished, path)
    finally:
        if os.path.exists(unfinished):
            os.remove(unfinished)


def print_counters(settings):
    with open(settings, encoding="utf-8") as file:
        found = json.load(file)
    counters = {
        "num_rows": found.get("num_rows"),
        "total_assignments": found.get("total_assignments"),
        "total_const_size": found.get("total_const_size"),
        "logrows": found.get("run_args", {}).get("logrows"),
        "required_lookups": len(found.get("required_lookups", [])),
        "required_range_checks": len(found.get("required_range_checks", [])),
    }
    print(" ".join(f"{name}={value}" for name, value in counters.items()))


def run(ezkl, a):
    start = time.monotonic()
    if a.phase == "prepare":
        prepare(ezkl, a)
        return 0
    if a.phase == "compile":
        ezkl.settings(a, a.settings)
        ezkl.compile(a, locate_srs(a, read_logrows(a.settings)))
        print_counters(a.settings)
    elif a.phase == "witness":
        ezkl.witness(a)
    else:
        srs = locate_srs(a, read_logrows(a.settings))
        if a.phase == "verify" and not ezkl.verify(a, srs):
            print("proof rejected")
            return 1
        if a.phase == "prove":
            ezkl.prove(a, srs)
    print(f"phase_time_s={time.monotonic() - start:.6f}")
    return 0


def parse(argv):
    parser = argparse.ArgumentParser()
    parser.add_argument("phase", choices=["prepare", "compile", "witness", "prove", "verify"])
    parser.add_argument("--ezkl", help="path of the ezkl command; default: the Python package")
    for name in ["model", "input", "settings", "circuit", "pk", "vk", "witness", "proof", "srs-dir"]:
        parser.add_argument(f"--{name}")
    parser.add_argument("--scale-bits", type=int, default=7)
    parser.add_argument("--inner-cols", type=int, default=2)
    parser.add_argument("--max-logrows", type=int)
    return parser.parse_args(argv)


def main(argv):
    a = parse(argv)
    try:
        return run(Command(a.ezkl) if a.ezkl else Package(None), a)
    except (Failed, RuntimeError, OSError, ValueError, KeyError) as error:
        print(f"Error: {a.phase}: {error}", file=sys.stderr)
        return 2 if a.phase == "verify" else 1


if __name__ == "__main__":
    sys.stdout.reconfigure(line_buffering=True)
    sys.exit(main(sys.argv[1:]))
