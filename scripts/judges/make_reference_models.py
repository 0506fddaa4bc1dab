"""Writes models of many operators, element types, inputs and outputs into a folder, for the tests of the reference.

usage: make_reference_models.py FOLDER
stdout: JSON list of {"name", "path", "inputs": {name: {"shape", "values"}}}
"""

import json
import pathlib
import sys

import numpy
import onnx
from onnx import TensorProto, helper, numpy_helper

FOLDER = pathlib.Path(sys.argv[1])
RANDOM = numpy.random.default_rng(0)
FLOAT, FLOAT16, DOUBLE = TensorProto.FLOAT, TensorProto.FLOAT16, TensorProto.DOUBLE
INT64, INT32, UINT8, INT8, BOOL = (
    TensorProto.INT64,
    TensorProto.INT32,
    TensorProto.UINT8,
    TensorProto.INT8,
    TensorProto.BOOL,
)
cases = []


def weights(*shape, dtype=numpy.float32):
    return RANDOM.uniform(-0.5, 0.5, shape).astype(dtype)


def port(name, kind, shape):
    return helper.make_tensor_value_info(name, kind, shape)


def save(name, nodes, inputs, outputs, stored=None, opset=17, imports=(), feed=None, **options):
    """inputs: {name: (type, shape)}; outputs: {name: (type, rank)}; feed: {name: values}, random where absent."""
    graph = helper.make_graph(
        nodes,
        name,
        [port(k, kind, shape) for k, (kind, shape) in inputs.items()],
        [port(k, kind, [f"{k}_{axis}" for axis in range(rank)]) for k, (kind, rank) in outputs.items()],
        [numpy_helper.from_array(values, k) for k, values in (stored or {}).items()],
    )
    opsets = [helper.make_opsetid("", opset), *(helper.make_opsetid(*own) for own in imports)]
    model = helper.make_model(graph, opset_imports=opsets, ir_version=8)
    path = FOLDER / f"{name}.onnx"
    onnx.save_model(model, path, **options)
    feeds = {}
    for k, (_, shape) in inputs.items():
        fixed = [side if isinstance(side, int) else 1 for side in shape]
        values = (feed or {}).get(k)
        if values is None:
            values = RANDOM.uniform(-1, 1, fixed).astype(numpy.float32).flatten().tolist()
        feeds[k] = {"shape": fixed, "values": values}
    cases.append({"name": name, "path": str(path), "inputs": feeds})


def node(op, inputs, outputs, **attributes):
    return helper.make_node(op, inputs, outputs, **attributes)


def zero_attributes(name, op, attributes, inputs, stored=None, rank=2):
    """Attributes of value 0 as proto3 writers store them: a name and a type, no value."""
    own = node(op, ["x", *(stored or {})], ["y"])
    for key, kind in attributes.items():
        own.attribute.append(onnx.AttributeProto(name=key, type=kind))
    save(name, [own], inputs, {"y": (FLOAT, rank)}, stored)


RNN = {"w": weights(1, 12, 3), "r": weights(1, 12, 3), "b": weights(1, 24)}
save("lstm", [node("LSTM", ["x", "w", "r", "b"], ["y", "h"], hidden_size=3)], {"x": (FLOAT, [5, 1, 3])},
     {"y": (FLOAT, 4), "h": (FLOAT, 3)}, RNN)
GRU = {"w": weights(1, 9, 3), "r": weights(1, 9, 3)}
save("gru", [node("GRU", ["x", "w", "r"], ["y"], hidden_size=3)], {"x": (FLOAT, [5, 1, 3])}, {"y": (FLOAT, 4)}, GRU)
save(
    "attention",
    [
        node("MatMul", ["x", "q"], ["a"]),
        node("MatMul", ["x", "k"], ["b"]),
        node("Transpose", ["b"], ["t"], perm=[0, 2, 1]),
        node("MatMul", ["a", "t"], ["s"]),
        node("Softmax", ["s"], ["p"], axis=-1),
        node("MatMul", ["p", "x"], ["m"]),
        node("LayerNormalization", ["m", "g"], ["n"]),
        node("Erf", ["n"], ["y"]),
    ],
    {"x": (FLOAT, ["batch", 4, 6])},
    {"y": (FLOAT, 3)},
    {"q": weights(6, 6), "k": weights(6, 6), "g": weights(6)},
)
save("einsum", [node("Einsum", ["x", "w"], ["y"], equation="bij,jk->bik")], {"x": (FLOAT, [2, 3, 4])},
     {"y": (FLOAT, 3)}, {"w": weights(4, 5)})
save("embedding", [node("Gather", ["w", "x"], ["y"])], {"x": (INT64, [1, 3])}, {"y": (FLOAT, 3)},
     {"w": weights(10, 4)}, feed={"x": [0, 9, 4]})
save("int32", [node("Mul", ["x", "x"], ["y"])], {"x": (INT32, [1, 4])}, {"y": (INT32, 2)}, feed={"x": [-7, 0, 2**15, 3]})
save("select", [node("Where", ["c", "x", "z"], ["y"])], {"c": (BOOL, [1, 4]), "x": (FLOAT, [1, 4]), "z": (FLOAT, [1, 4])},
     {"y": (FLOAT, 2)}, feed={"c": [1, 0, 0, 1]})
save("quantised", [node("DequantizeLinear", ["x", "s", "p"], ["y"])], {"x": (UINT8, [1, 4])}, {"y": (FLOAT, 2)},
     {"s": numpy.float32(0.25), "p": numpy.uint8(128)}, feed={"x": [0, 127, 128, 255]})
save("signed", [node("Cast", ["x"], ["y"], to=FLOAT)], {"x": (INT8, [1, 3])}, {"y": (FLOAT, 2)}, feed={"x": [-128, 0, 127]})
save("half", [node("MatMul", ["x", "w"], ["y"])], {"x": (FLOAT16, [1, 4])}, {"y": (FLOAT16, 2)},
     {"w": weights(4, 3, dtype=numpy.float16)})
save("double", [node("MatMul", ["x", "w"], ["y"])], {"x": (DOUBLE, [1, 4])}, {"y": (DOUBLE, 2)},
     {"w": weights(4, 3, dtype=numpy.float64)})
save("classes", [node("Softmax", ["x"], ["p"]), node("ArgMax", ["p"], ["label"], axis=1), node("Greater", ["p", "x"], ["over"])],
     {"x": (FLOAT, ["N", 5])}, {"label": (INT64, 2), "p": (FLOAT, 2), "over": (BOOL, 2)})
save(
    "trees",
    [
        helper.make_node(
            "TreeEnsembleRegressor",
            ["x"],
            ["y"],
            domain="ai.onnx.ml",
            n_targets=1,
            nodes_treeids=[0, 0, 0],
            nodes_nodeids=[0, 1, 2],
            nodes_featureids=[1, 0, 0],
            nodes_values=[0.0, 0.0, 0.0],
            nodes_modes=["BRANCH_LEQ", "LEAF", "LEAF"],
            nodes_truenodeids=[1, 0, 0],
            nodes_falsenodeids=[2, 0, 0],
            target_treeids=[0, 0],
            target_nodeids=[1, 2],
            target_ids=[0, 0],
            target_weights=[-1.5, 2.5],
        )
    ],
    {"x": (FLOAT, [1, 2])},
    {"y": (FLOAT, 2)},
    imports=[("ai.onnx.ml", 3)],
)
BODY = helper.make_graph(
    [node("Identity", ["go"], ["on"]), node("Add", ["v", "v"], ["w"])],
    "body",
    [port("i", INT64, []), port("go", BOOL, []), port("v", FLOAT, [1, 2])],
    [port("on", BOOL, []), port("w", FLOAT, [1, 2])],
)
save("loop", [node("Loop", ["times", "", "x"], ["y"], body=BODY)], {"x": (FLOAT, [1, 2])}, {"y": (FLOAT, 2)},
     {"times": numpy.int64(3)})
save("outside", [node("MatMul", ["x", "w"], ["a"]), node("Add", ["a", "b"], ["y"])], {"x": (FLOAT, [1, 4])},
     {"y": (FLOAT, 2)}, {"w": weights(4, 3), "b": weights(3)},
     save_as_external_data=True, location="outside.weights", size_threshold=0)
save("unread", [node("Relu", ["x"], ["y"])], {"x": (FLOAT, [1, 4])}, {"y": (FLOAT, 2)},
     {"labels": numpy.array(["cat", "dog"], dtype=object), "table": weights(3, dtype=numpy.float16),
      "c": weights(2).astype(numpy.complex64)})
FLOAT_KIND, INT_KIND = onnx.AttributeProto.FLOAT, onnx.AttributeProto.INT
zero_attributes("gemm_beta_0", "Gemm", {"beta": FLOAT_KIND}, {"x": (FLOAT, [1, 4])}, {"w": weights(4, 3), "b": weights(3)})
zero_attributes("softmax_axis_0", "Softmax", {"axis": INT_KIND}, {"x": (FLOAT, [3, 2])})
zero_attributes("flatten_axis_0", "Flatten", {"axis": INT_KIND}, {"x": (FLOAT, [3, 2])})
zero_attributes("leaky_relu_alpha_0", "LeakyRelu", {"alpha": FLOAT_KIND}, {"x": (FLOAT, [1, 4])})
zero_attributes("elu_alpha_0", "Elu", {"alpha": FLOAT_KIND}, {"x": (FLOAT, [1, 4])})

json.dump(cases, sys.stdout)
