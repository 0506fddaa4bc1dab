"""Checks ONNX models and runs them in onnxruntime.

stdin: JSON list of {"model": path, "inputs": {name: {"shape": [...], "values": [...]}}}, values as numbers of any type
stdout: JSON list of {"outputs": {name: {"shape": [...], "values": [...]}}} or {"error": text}
"""

import json
import sys

import numpy
import onnx
import onnxruntime

# What onnxruntime calls a type, by NumPy's name.
DTYPES = {"float": "float32", "double": "float64", "float16": "float16", "bool": "bool"}


def dtype_of(port):
    name = port.type.removeprefix("tensor(").removesuffix(")")
    return DTYPES.get(name, name)


def judge(case):
    onnx.checker.check_model(case["model"], full_check=True)
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    session = onnxruntime.InferenceSession(case["model"], options, providers=["CPUExecutionProvider"])
    dtypes = {port.name: dtype_of(port) for port in session.get_inputs()}
    feeds = {
        name: numpy.array(port["values"], dtype=dtypes[name]).reshape(port["shape"])
        for name, port in case["inputs"].items()
    }
    names = [output.name for output in session.get_outputs()]
    outputs = zip(names, session.run(names, feeds))
    return {"outputs": {name: {"shape": list(v.shape), "values": v.flatten().tolist()} for name, v in outputs}}


def judge_safely(case):
    try:
        return judge(case)
    except Exception as error:  # the test shows it
        return {"error": f"{case['model']}: {error}"}


json.dump([judge_safely(case) for case in json.load(sys.stdin)], sys.stdout)
