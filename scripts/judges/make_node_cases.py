"""Writes the node test cases of the ONNX package into a folder: without the shapes of their outputs, and with
operands of integers, such as the target of a Reshape, as constants.

usage: make_node_cases.py FOLDER
stdout: JSON list of {"path", "operator", "outputs": {name: shape}} with the shapes of the expected outputs
"""

import json
import pathlib
import sys
import warnings

import numpy
import onnx
from onnx.backend.test.case.node import collect_testcases

warnings.simplefilter("ignore")
FOLDER = pathlib.Path(sys.argv[1])
SHAPED_BY_FLOATS = ("OneHot", "Resize", "Upsample")
SHAPED_BY_FIRST = ("ConstantOfShape", "Range")
cases = []


def shape_of(array):
    return list(array.dims if isinstance(array, onnx.TensorProto) else numpy.shape(array))


for case in collect_testcases(None):
    graph = case.model.graph
    if not all(value.type.HasField("tensor_type") for value in [*graph.input, *graph.output]):
        continue
    inputs, outputs = case.data_sets[0]
    operator = graph.node[0].op_type
    if any(0 in shape_of(array) for array in inputs):
        continue  # a side of 0 in a file is an open one
    for index, (value, array) in enumerate(list(zip(graph.input, inputs))):
        is_integer = value.type.tensor_type.elem_type in (onnx.TensorProto.INT64, onnx.TensorProto.INT32)
        if operator in SHAPED_BY_FLOATS or operator in SHAPED_BY_FIRST or (index and is_integer):
            if index == 0 and operator not in SHAPED_BY_FIRST:
                continue
            graph.initializer.append(onnx.numpy_helper.from_array(array, value.name))
            graph.input.remove(value)
    for output in graph.output:
        output.type.tensor_type.ClearField("shape")
    path = FOLDER / f"{case.name}.onnx"
    onnx.save_model(case.model, path)
    shapes = {value.name: shape_of(array) for value, array in zip(graph.output, outputs)}
    cases.append({"path": str(path), "operator": operator, "outputs": shapes})
json.dump(cases, sys.stdout)
