"""Writes models whose weights are 16-bit floats into a folder, and what they give for an input.

usage: make_half_models.py FOLDER
stdout: JSON {"input": values, "models": {path: outputs}}
"""

import json
import pathlib
import sys

import ml_dtypes
import numpy
from onnx import TensorProto, helper, numpy_helper, save_model

FOLDER = pathlib.Path(sys.argv[1])
RANDOM = numpy.random.default_rng(3)
INPUT = [0.5, -0.25, 0.75, -1.0]
WEIGHTS = RANDOM.uniform(-1, 1, (3, 4))
# A subnormal half among them.
BIAS = [0.5, -3e-5, 1.25]


def typed(name, kind, values):
    tensor = TensorProto(name=name, data_type=kind, dims=values.shape)
    tensor.int32_data.extend(values.view(numpy.uint16).flatten().tolist())
    return tensor


def make(name, kind, dtype, store):
    weights, bias = (numpy.array(values).astype(dtype) for values in (WEIGHTS, BIAS))
    unread = [helper.make_tensor("labels", TensorProto.STRING, [1], [b"cat"])]
    graph = helper.make_graph(
        [helper.make_node("Constant", [], ["unread"], value_string="text"),
         helper.make_node("Gemm", ["x", "w", "b"], ["y"], transB=1)],
        name,
        [helper.make_tensor_value_info("x", kind, [1, 4])],
        [helper.make_tensor_value_info("y", kind, [1, 3])],
        [store("w", kind, weights), store("b", kind, bias), *unread],
    )
    # Two values of a table that nothing reads.
    values = helper.make_tensor("table", TensorProto.FLOAT, [1], [1.0])
    graph.sparse_initializer.append(helper.make_sparse_tensor(values, helper.make_tensor("i", TensorProto.INT64, [1], [0]), [2]))
    path = FOLDER / f"{name}.onnx"
    save_model(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9), path)
    exact = weights.astype(numpy.float64) @ numpy.array(INPUT) + bias.astype(numpy.float64)
    return str(path), exact.tolist()


def raw(name, kind, values):
    return numpy_helper.from_array(values, name)


MODELS = dict([
    make("half", TensorProto.FLOAT16, numpy.float16, raw),
    make("half_typed", TensorProto.FLOAT16, numpy.float16, typed),
    make("brain", TensorProto.BFLOAT16, ml_dtypes.bfloat16, raw),
    make("brain_typed", TensorProto.BFLOAT16, ml_dtypes.bfloat16, typed),
])
json.dump({"input": INPUT, "models": MODELS}, sys.stdout)
