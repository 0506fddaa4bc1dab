"""Writes models as other exporters make them into a folder, for the tests of the reader.

usage: make_odd_models.py FOLDER
stdout: JSON list of {"name", "path", "inputs": {name: shape}, "weights": values in the model, "opset"}
"""

import json
import pathlib
import sys

import numpy
import onnx
from onnx import TensorProto, helper, numpy_helper

FOLDER = pathlib.Path(sys.argv[1])
RANDOM = numpy.random.default_rng(0)
OLDEST_OPSET = 9
# IR version that each default operator set needs, from onnx itself.
IR_OF_OPSET = {row[2]: row[1] for row in helper.VERSION_TABLE}


def weights(*shape):
    return RANDOM.uniform(-0.5, 0.5, shape).astype(numpy.float32)


def port(name, shape):
    return helper.make_tensor_value_info(name, TensorProto.FLOAT, shape)


def save(name, nodes, inputs, initializers, weight_count, opset=13, rank=2, **options):
    output = port("y", [f"side_{axis}" for axis in range(rank)])
    graph = helper.make_graph(nodes, name, [port(k, v) for k, v in inputs.items()], [output], initializers)
    imports = [helper.make_opsetid("", opset)]
    model = helper.make_model(graph, opset_imports=imports, ir_version=IR_OF_OPSET[opset])
    path = FOLDER / f"{name}.onnx"
    onnx.save_model(model, path, **options)
    stored = {tensor.name for tensor in initializers}
    fixed = {k: [s if isinstance(s, int) else 1 for s in v] for k, v in inputs.items() if k not in stored}
    return {"name": name, "path": str(path), "inputs": fixed, "weights": weight_count, "opset": opset}


def initializer(name, values):
    return numpy_helper.from_array(values, name)


def small_cnn(name, opset, batch=1, **options):
    """conv, batch norm, relu, pools, flatten, gemm, softmax: 24 + 4 * 3 + 12 * 4 + 4 values."""
    nodes = [
        helper.make_node("Conv", ["x", "w"], ["a"], pads=[1, 0, 1, 0], kernel_shape=[2, 2], name="c"),
        helper.make_node("BatchNormalization", ["a", "s", "b", "m", "v"], ["n"], epsilon=0.01),
        helper.make_node("Relu", ["n"], ["r"]),
        helper.make_node("MaxPool", ["r"], ["p"], kernel_shape=[2, 2], strides=[2, 2], name="p"),
        helper.make_node("Dropout", ["p"], ["d"]),
        helper.make_node("Flatten", ["d"], ["f"]),
        helper.make_node("Gemm", ["f", "g", "h"], ["z"], alpha=0.5, beta=2.0, transB=1),
        helper.make_node("Softmax", ["z"], ["y"]),
    ]
    stored = [
        initializer("w", weights(3, 2, 2, 2)),
        *(initializer(k, weights(3)) for k in "sbm"),
        initializer("v", weights(3) + 1),
        initializer("g", weights(4, 12)),
        initializer("h", weights(4)),
    ]
    return save(name, nodes, {"x": [batch, 2, 4, 5]}, stored, 88, opset, **options)


def constants():
    """Weights and a Reshape's shape in Constant nodes: 18 + 3 values, and one in a float attribute."""
    nodes = [
        helper.make_node("Constant", [], ["w"], value=numpy_helper.from_array(weights(6, 3))),
        helper.make_node("Constant", [], ["b"], value_floats=[0.25, -0.5, 1.0]),
        helper.make_node("Constant", [], ["s"], value_ints=[1, -1]),
        helper.make_node("Constant", [], ["low"], value_float=-0.3),
        helper.make_node("Reshape", ["x", "s"], ["f"]),
        helper.make_node("MatMul", ["f", "w"], ["m"]),
        helper.make_node("Add", ["m", "b"], ["a"]),
        helper.make_node("Clip", ["a", "low"], ["c"]),
        helper.make_node("Sigmoid", ["c"], ["y"]),
    ]
    return save("constants", nodes, {"x": [1, 2, 3]}, [], 22)


def groups():
    """Groups, dilations, SAME padding, and weights in the typed lists instead of raw bytes."""
    typed = helper.make_tensor("w", TensorProto.FLOAT, [4, 2, 3, 3], weights(4, 2, 3, 3).flatten().tolist())
    depthwise = initializer("v", weights(4, 1, 3, 3))
    even = initializer("u", weights(4, 2, 2, 2))
    nodes = [
        helper.make_node("Conv", ["x", "u"], ["e"], group=2, auto_pad="SAME_LOWER"),
        helper.make_node("Conv", ["e", "w"], ["a"], group=2, dilations=[2, 1], pads=[2, 1, 1, 0]),
        helper.make_node("Conv", ["a", "v"], ["b"], group=4, strides=[2, 2], auto_pad="SAME_UPPER"),
        helper.make_node("AveragePool", ["b"], ["y"], kernel_shape=[2, 2], pads=[1, 1, 0, 0], count_include_pad=1),
    ]
    return save("groups", nodes, {"x": [1, 4, 7, 6]}, [typed, depthwise, even], 140, rank=4)


def two_inputs():
    nodes = [
        helper.make_node("MatMul", ["left", "w"], ["a"]),
        helper.make_node("Add", ["a", "right"], ["b"]),
        helper.make_node("Identity", ["b"], ["y"]),
    ]
    return save("two_inputs", nodes, {"left": [1, 4], "right": [1, 3]}, [initializer("w", weights(4, 3))], 12)


def old_clip():
    """Bounds in attributes, and an initializer among the inputs, as before IR version 4."""
    nodes = [helper.make_node("Clip", ["x"], ["c"], min=-0.2, max=0.6), helper.make_node("Add", ["c", "w"], ["y"])]
    return save("old_clip", nodes, {"x": [1, 3], "w": [1, 3]}, [initializer("w", weights(1, 3))], 3, opset=9)


cases = [small_cnn(f"opset_{v}", v) for v in range(OLDEST_OPSET, onnx.defs.onnx_opset_version() + 1)]
cases += [constants(), groups(), two_inputs(), old_clip(), small_cnn("dynamic", 13, batch="N")]
external = {"save_as_external_data": True, "location": "weights.bin", "size_threshold": 0}
cases.append(small_cnn("external", 17, **external))
json.dump(cases, sys.stdout)
