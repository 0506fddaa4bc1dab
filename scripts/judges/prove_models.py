"""Puts every ONNX model below a folder to the embedded prover, and compares what it gives with onnxruntime's outputs.

Floats are drawn from the range given, integers from 0 to its upper end, with a fixed seed. `check` makes circuit and
witness and checks all constraints; it makes no keys.

A model that has no finite output there, such as a logarithm, is tried on positive numbers, and one whose outputs are
all alike with another seed.

usage: prove_models.py PROGRAM FOLDER [SCALE_BITS]
stdout: JSON list of {"name", "verdict", "why", "error", "tolerance", "span", "constraints"}; verdict is "proved",
"wrong", "vague" (the tolerance says nothing) or "refused"
"""

import collections
import json
import pathlib
import subprocess
import sys
import tempfile

import numpy
import onnx
import onnxruntime

PROGRAM, FOLDER = sys.argv[1], pathlib.Path(sys.argv[2])
BITS = sys.argv[3:4] or ["12", "16"]
RANGES = [(-1.0, 1.0), (0.25, 1.0), (1.0, 2.0)]


def figure(text, key):
    return float(text.split(f"{key}=")[-1].split()[0])


def feeds_of(session, random, low, high):
    feeds = {}
    for value in session.get_inputs():
        shape = [side if isinstance(side, int) and side > 0 else 1 for side in value.shape]
        if "int" in value.type:
            kind = numpy.int64 if "64" in value.type else numpy.int32
            feeds[value.name] = random.integers(0, max(1, int(high)) + 1, shape).astype(kind)
        elif "bool" in value.type:
            feeds[value.name] = random.integers(0, 2, shape).astype(bool)
        else:
            kind = numpy.float64 if "double" in value.type else numpy.float32
            feeds[value.name] = random.uniform(low, high, shape).astype(kind)
    return feeds


def judge(path, folder):
    verdict = {"name": str(path.relative_to(FOLDER))}
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    try:
        session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
        for seed, (low, high) in enumerate([*RANGES, *RANGES]):
            feeds = feeds_of(session, numpy.random.default_rng(seed), low, high)
            outputs = session.run(None, feeds)
            wanted = numpy.concatenate([numpy.asarray(v, dtype=numpy.float64).ravel() for v in outputs])
            if numpy.isfinite(wanted).all() and (wanted.any() or seed > 2):
                break
    except Exception as problem:
        return {**verdict, "verdict": "excluded", "why": f"onnxruntime: {str(problem)[:200]}"}
    single = next(iter(feeds.values())).tolist() if len(feeds) == 1 else None
    (folder / "i").write_text(json.dumps({"input": single} if single is not None else {k: v.tolist() for k, v in feeds.items()}))
    for bits in BITS:
        found = {**verdict, **compare(path, folder, wanted, bits, f"{low},{high}")}
        if found["verdict"] != "vague":
            break
    return found


def compare(path, folder, wanted, bits, ends):
    at = lambda name: str(folder / name)
    try:
        done = subprocess.run(
            [PROGRAM, "check", "--model", str(path), "--input", at("i"), "--output", at("o"), "--scale-bits", bits, f"--input-range={ends}"],
            capture_output=True, text=True, timeout=600)
    except subprocess.TimeoutExpired:
        return {"verdict": "refused", "why": "more than ten minutes"}
    if done.returncode:
        return {"verdict": "refused", "why": done.stderr.strip().removeprefix("error: ")[:400] or f"exit code {done.returncode}"}
    said = done.stdout
    given = numpy.array(json.loads((folder / "o").read_text())["output"])
    tolerance = min(figure(said, "output_error_bound"), 4 * figure(said, "output_error_estimate"))
    span = float(wanted.max() - wanted.min()) or float(numpy.abs(wanted).max())
    allowed = tolerance + 1e-5 * max(1.0, float(numpy.abs(wanted).max()))
    if given.shape != wanted.shape:
        return {"verdict": "wrong", "why": f"{given.size} outputs, expected {wanted.size}"}
    error = float(numpy.abs(given - wanted).max())
    found = {"constraints": int(figure(said, "numConstraints")), "error": error, "tolerance": allowed if numpy.isfinite(allowed) else 1e300, "span": span}
    if error > allowed:
        return {**found, "verdict": "wrong", "why": f"off by {error}, tolerance {allowed}"}
    if not allowed <= 0.05 * span + 1e-4:
        return {**found, "verdict": "vague", "why": f"an error of {error:.3g} is within a tolerance of {allowed:.3g}, for outputs that span {span:.3g}"}
    return {**found, "verdict": "proved"}


results = []
for path in sorted(FOLDER.rglob("*.onnx")):
    with tempfile.TemporaryDirectory() as folder:
        results.append(judge(path, pathlib.Path(folder)))
print(dict(collections.Counter(r["verdict"] for r in results)), file=sys.stderr)
json.dump(results, sys.stdout)
