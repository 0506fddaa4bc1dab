"""Puts the ONNX package's own node cases to the embedded prover, and compares what it gives with their outputs.

A case is tried as it is, with every input secret, and if that is refused, with all inputs but the first bound as
constants, as weights are. `check` makes circuit and witness and checks all constraints; it makes no keys.

usage: prove_nodes.py PROGRAM [PART COUNT, every COUNT-th case from PART]
stdout: JSON list of {"name", "operator", "expanded", "verdict", "why", "bound", "error", "tolerance", "constraints"};
verdict is "proved", "wrong", "vague" (the tolerance says nothing), "refused" or "excluded" (nothing to prove)
"""

import collections
import json
import pathlib
import subprocess
import sys
import tempfile
import warnings

import numpy
import onnx
from onnx import TensorProto, numpy_helper

warnings.filterwarnings("ignore")
from onnx.backend.test.case.node import collect_testcases  # noqa: E402

PROGRAM = sys.argv[1]
PART, COUNT = (int(v) for v in sys.argv[2:4]) if len(sys.argv) > 3 else (0, 1)

FLOATS = {TensorProto.FLOAT, TensorProto.FLOAT16, TensorProto.DOUBLE, TensorProto.BFLOAT16}
WHOLE = {TensorProto.BOOL, TensorProto.INT8, TensorProto.INT16, TensorProto.INT32, TensorProto.INT64, TensorProto.UINT8, TensorProto.UINT16,
         TensorProto.UINT32, TensorProto.UINT64}
RANDOM = {"Bernoulli", "RandomNormal", "RandomNormalLike", "RandomUniform", "RandomUniformLike", "Multinomial"}


def opset(model):
    return max((o.version for o in model.opset_import if o.domain in ("", "ai.onnx")), default=0)


def element_types(values):
    """Element types of graph inputs or outputs; None where one is no tensor."""
    types = [v.type.tensor_type.elem_type if v.type.HasField("tensor_type") else None for v in values]
    return types


def float_cases():
    for case in collect_testcases(None):
        types = element_types(case.model.graph.input) + element_types(case.model.graph.output)
        if opset(case.model) >= 13 and FLOATS & set(types):
            yield case


def operator_of(case):
    """The operator that a case is about, and whether its function's body is written out in the case."""
    for node in case.model.graph.node:
        for name in [*node.input, *node.output]:
            if "_expanded_function" in name:
                return name.partition("_test_")[0], True
    return case.model.graph.node[-1].op_type, False


def excluded(case, inputs, outputs):
    """Why a case makes no sense in fixed point; None if it does."""
    graph = case.model.graph
    types = element_types(graph.input) + element_types(graph.output)
    if None in types:
        return "a sequence, an optional or a map"
    if any(t not in FLOATS | WHOLE for t in types):
        return "strings, complex numbers, or floats or integers of 2, 4 or 8 bits with a special layout"
    if any(n.op_type in RANDOM or n.op_type == "Dropout" and len(outputs) > 0 and len(n.input) > 2 and n.input[2] for n in graph.node):
        return "random numbers"
    if not inputs:
        return "no inputs"
    numbers = [numpy.asarray(v, dtype=numpy.float64) for v in [*inputs, *outputs]]
    if not all(numpy.isfinite(v).all() for v in numbers):
        return "infinities or NaN"
    if not all(v.size for v in numbers):
        return "an empty tensor"
    if any(numpy.abs(v).max() > 1e6 for v in numbers):
        return "values beyond a million"
    return None


def bound(model, inputs, first):
    """The model with some inputs as constants."""
    copy = onnx.ModelProto()
    copy.CopyFrom(model)
    del copy.graph.input[first:]
    for value, data in list(zip(model.graph.input, inputs))[first:]:
        copy.graph.initializer.append(numpy_helper.from_array(data, value.name))
    return copy


def array(value):
    return numpy_helper.to_array(value) if isinstance(value, onnx.TensorProto) else numpy.asarray(value)


def figure(text, key):
    return float(text.split(f"{key}=")[-1].split()[0])


def check(model, inputs, bits, folder):
    at = lambda name: str(folder / name)
    onnx.save_model(model, at("m"))
    feeds = {v.name: numpy.asarray(x, dtype=numpy.float64).tolist() if numpy.ndim(x) else [float(x)] for v, x in zip(model.graph.input, inputs)}
    (folder / "i").write_text(json.dumps(feeds if len(feeds) > 1 else {"input": next(iter(feeds.values()))}))
    numbers = numpy.concatenate([numpy.asarray(v, dtype=numpy.float64).ravel() for v in inputs[: len(feeds)]])
    low, high = float(numbers.min()), float(numbers.max())
    if low == high:
        low, high = low - 1, high + 1
    done = subprocess.run(
        [PROGRAM, "check", "--model", at("m"), "--input", at("i"), "--output", at("o"), "--scale-bits", str(bits), f"--input-range={low!r},{high!r}"],
        capture_output=True, text=True, timeout=300)
    if done.returncode:
        return None, done.stderr.strip().removeprefix("error: ")
    return done.stdout, None


def judge(case, folder):
    model = case.model
    operator, expanded = operator_of(case)
    verdict = {"name": case.name.removeprefix("test_"), "operator": operator, "expanded": expanded}
    inputs, outputs = ([v if isinstance(v, (list, type(None))) else array(v) for v in part] for part in case.data_sets[0])
    why = "a sequence, an optional or a map" if any(isinstance(v, (list, type(None))) for v in [*inputs, *outputs]) else None
    why = why or excluded(case, inputs, outputs)
    if why:
        return {**verdict, "verdict": "excluded", "why": why}
    wanted = numpy.concatenate([numpy.asarray(v, dtype=numpy.float64).ravel() for v in outputs])
    span = float(wanted.max() - wanted.min()) or float(numpy.abs(wanted).max())
    reasons = []
    for first in dict.fromkeys([len(inputs), 1]):
        tried = bound(model, inputs, first)
        for bits in (12, 16):
            said, refusal = check(tried, inputs, bits, folder)
            if refusal:
                reasons.append(refusal)
                continue
            given = numpy.array(json.loads((folder / "o").read_text())["output"])
            tolerance = min(figure(said, "output_error_bound"), 4 * figure(said, "output_error_estimate"))
            found = {**verdict, "bound": first < len(inputs), "constraints": int(figure(said, "numConstraints"))}
            if given.shape != wanted.shape:
                return {**found, "verdict": "wrong", "why": f"{given.size} outputs, expected {wanted.size}"}
            # what float32 loses, or the type of the outputs where that is less precise
            precision = max([1e-5] + [float(onnx.numpy_helper.to_array(onnx.numpy_helper.from_array(v)).dtype.itemsize == 2) * 5e-3 for v in outputs])
            allowed = tolerance + precision * max(1.0, float(numpy.abs(wanted).max()))
            error = float(numpy.abs(given - wanted).max())
            found |= {"error": error, "tolerance": allowed if numpy.isfinite(allowed) else 1e300}
            if error > allowed:
                return {**found, "verdict": "wrong", "why": f"off by {error}, tolerance {allowed}"}
            if numpy.isfinite(allowed) and allowed <= 0.05 * span + 1e-4:
                return {**found, "verdict": "proved"}
            reasons.append(f"VAGUE: an error of {error:.3g} is within a tolerance of {allowed:.3g}, for outputs that span {span:.3g}")
    if any("does not depend on the input" in r or "gives output" in r and "no inputs" in r for r in reasons):
        return {**verdict, "verdict": "excluded", "why": "an output that depends on no input's values"}
    vague = [r for r in reasons if r.startswith("VAGUE")]
    return {**verdict, "verdict": "vague" if vague else "refused", "why": (vague or reasons)[-1]}


results = []
for number, case in enumerate(float_cases()):
    if number % COUNT == PART:
        with tempfile.TemporaryDirectory() as folder:
            try:
                results.append(judge(case, pathlib.Path(folder)))
            except Exception as problem:  # of this script, not of the prover
                results.append({"name": case.name, "operator": operator_of(case)[0], "expanded": operator_of(case)[1], "verdict": "failed", "why": repr(problem)})
counts = collections.Counter(r["verdict"] for r in results)
print(dict(counts), file=sys.stderr)
json.dump(results, sys.stdout)
