"""Writes small models that take for ever, or all memory, or trap, into a folder, for the tests of the reference.

usage: make_hostile_models.py FOLDER

Each takes x [1, 4] and gives y; they are named by what they do.
"""

import pathlib
import sys

import numpy
import onnx
from onnx import TensorProto, helper, numpy_helper

FOLDER = pathlib.Path(sys.argv[1])
FLOAT, INT64, INT32, BOOL = TensorProto.FLOAT, TensorProto.INT64, TensorProto.INT32, TensorProto.BOOL
FOR_EVER = numpy.int64(2**63 - 1)


def port(name, kind=FLOAT, shape=(1, 4)):
    return helper.make_tensor_value_info(name, kind, shape)


def node(op, inputs, outputs, **attributes):
    return helper.make_node(op, inputs, outputs, **attributes)


def save(name, nodes, stored):
    initializers = [numpy_helper.from_array(numpy.asarray(values), key) for key, values in stored.items()]
    graph = helper.make_graph(nodes, name, [port("x")], [port("y")], initializers)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
    onnx.save_model(model, FOLDER / f"{name}.onnx")


def body(*nodes, scanned=()):
    return helper.make_graph(
        [node("Identity", ["go"], ["on"]), node("Add", ["v", "v"], ["w"]), *nodes],
        "body",
        [port("i", INT64, []), port("go", BOOL, []), port("v")],
        [port("on", BOOL, []), port("w"), *scanned],
    )


save("endless", [node("Loop", ["times", "", "x"], ["y"], body=body())], {"times": FOR_EVER})
save(
    "growing",
    [node("Loop", ["times", "", "x"], ["y", "all"], body=body(node("Expand", ["v", "size"], ["s"]), scanned=[port("s", FLOAT, [None, 4])]))],
    {"times": FOR_EVER, "size": numpy.array([2**20, 4], numpy.int64)},
)
for gigabytes in (3, 100):
    save(
        f"{gigabytes}_gigabytes",
        [
            node("ConstantOfShape", ["size"], ["b"]),
            node("ReduceSum", ["b"], ["s"], keepdims=0),
            node("Add", ["x", "s"], ["y"]),
        ],
        {"size": numpy.array([gigabytes * 2**28], numpy.int64)},
    )
save(
    "trapping",
    # The smallest integer by -1, the one quotient that has no value.
    [node("Div", ["least", "minus"], ["d"]), node("Cast", ["d"], ["f"], to=FLOAT), node("Add", ["x", "f"], ["y"])],
    {"least": numpy.full([1, 4], -(2**31), numpy.int32), "minus": numpy.full([1, 4], -1, numpy.int32)},
)
