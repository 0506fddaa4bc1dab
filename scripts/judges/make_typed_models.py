"""Writes models with tensors of every element type and form into a folder, for the tests of the reader.

usage: make_typed_models.py FOLDER
stdout: JSON list of {"name", "path", "params": parameters, "bytes": of the initializers in the file, "whole": whether
provers are given a copy}
"""

import json
import pathlib
import sys

import numpy
import onnx
from onnx import TensorProto, helper, numpy_helper

FOLDER = pathlib.Path(sys.argv[1])
FLOAT, INT64 = TensorProto.FLOAT, TensorProto.INT64


def port(name, shape, kind=FLOAT):
    return helper.make_tensor_value_info(name, kind, shape)


def dense(name, kind, count):
    return numpy_helper.from_array(numpy.zeros(count, helper.tensor_dtype_to_np_dtype(kind)), name)


def save(name, nodes, initializers=(), params=0, sparse=(), inputs=None, outputs=None, whole=False, edit=None, domains=(), **options):
    graph = helper.make_graph(
        nodes, name, inputs or [port("x", [1, 4])], outputs or [port("y", [1, 4])], list(initializers),
        sparse_initializer=list(sparse),
    )
    imports = [helper.make_opsetid("", 21), *(helper.make_opsetid(domain, 3) for domain in domains)]
    model = helper.make_model(graph, opset_imports=imports, ir_version=10)
    if edit:
        edit(model)
    path = FOLDER / f"{name}.onnx"
    stored = sum(len(tensor.raw_data) for tensor in initializers)
    onnx.save_model(model, path, **options)
    return {"name": name, "path": str(path), "params": params, "bytes": stored, "whole": whole}


RELU = helper.make_node("Relu", ["x"], ["y"])
cases = []
for kind_name, kind in TensorProto.DataType.items():
    if kind_name in ("UNDEFINED", "STRING"):
        continue
    for count in (1, 15):
        cases.append(save(f"{kind_name}_{count}", [RELU], [dense("w", kind, count)], count))

labels = helper.make_tensor("labels", TensorProto.STRING, [2], [b"cat", b"dog"])
cases.append(save("strings", [RELU], [labels], 2))
values = helper.make_tensor("s", FLOAT, [3], [1.0, 2.0, 3.0])
sparse = helper.make_sparse_tensor(values, helper.make_tensor("i", INT64, [3], [0, 2, 5]), [2, 3])
cases.append(save("sparse", [RELU], [], 3, [sparse]))
cases[-1]["bytes"] = 12
many = {"save_as_external_data": True, "location": "many.bin", "size_threshold": 0}
cases.append(save("external_int4", [RELU], [dense("w", TensorProto.INT4, 15)], 15, whole=True, **many))
cases[-1]["bytes"] = 0

CONSTANTS = {
    "value": (numpy_helper.from_array(numpy.zeros((2, 3), numpy.float16)), 6),
    "value_float": (0.0, 1),
    "value_floats": ([1.0, 2.0], 2),
    "value_int": (0, 0),
    "value_ints": ([1, 2, 3], 0),
    "value_string": ("a", 0),
    "value_strings": (["a", "b"], 0),
    "sparse_value": (sparse, 3),
}
for form, (value, params) in CONSTANTS.items():
    cases.append(save(form, [helper.make_node("Constant", [], ["c"], **{form: value}), RELU], params=params))
shape = numpy_helper.from_array(numpy.array([1, -1]))
cases.append(save("integer_tensor", [helper.make_node("Constant", [], ["c"], value=shape), RELU]))

ML = "ai.onnx.ml"
linear = helper.make_node(
    "LinearRegressor", ["x"], ["y"], domain=ML, coefficients=[1.0, 2.0, 3.0, 4.0], intercepts=[0.5], targets=1
)
cases.append(save("linear", [linear], params=5, outputs=[port("y", [1, 1])], domains=[ML]))
trees = {
    "nodes_treeids": [0, 0, 0], "nodes_nodeids": [0, 1, 2], "nodes_featureids": [0, 0, 0],
    "nodes_values": [0.5, 0.0, 0.0], "nodes_modes": ["BRANCH_LEQ", "LEAF", "LEAF"],
    "nodes_truenodeids": [1, 0, 0], "nodes_falsenodeids": [2, 0, 0], "target_treeids": [0, 0],
    "target_nodeids": [1, 2], "target_ids": [0, 0], "target_weights": [-1.0, 1.0], "n_targets": 1,
}
forest = helper.make_node("TreeEnsembleRegressor", ["x"], ["y"], domain=ML, **trees)
cases.append(save("forest", [forest], params=5, outputs=[port("y", [1, 1])], domains=[ML]))
doubles = {**trees, "nodes_values": None, "target_weights": None}
doubles = {key: value for key, value in doubles.items() if value is not None}
as_tensors = helper.make_node(
    "TreeEnsembleRegressor", ["x"], ["y"], domain=ML, **doubles,
    nodes_values_as_tensor=helper.make_tensor("v", TensorProto.DOUBLE, [3], [0.5, 0, 0]),
    target_weights_as_tensor=helper.make_tensor("w", TensorProto.DOUBLE, [2], [-1, 1]),
)
cases.append(
    save("forest_tensors", [as_tensors], params=5, inputs=[port("x", [1, 4], TensorProto.DOUBLE)],
         outputs=[port("y", [1, 1])], domains=[ML])
)

# Copies: what the reader has no name for must stay.
optional = helper.make_tensor_type_proto(FLOAT, [2])
has = [helper.make_node("Optional", [], ["none"], type=optional), helper.make_node("OptionalHasElement", ["none"], ["has"]),
       helper.make_node("Cast", ["has"], ["flag"], to=FLOAT), helper.make_node("Add", ["x", "flag"], ["y"])]
OPEN = {"inputs": [port("x", ["batch", 4])], "outputs": [port("y", ["batch", 4])], "whole": True}
cases.append(save("optional", has, **OPEN))


def add_extras(model):
    model.doc_string = "documented"
    model.metadata_props.add(key="k", value="v")
    model.graph.metadata_props.add(key="k", value="v")
    note = model.graph.quantization_annotation.add(tensor_name="w")
    note.quant_parameter_tensor_names.add(key="SCALE_TENSOR", value="s")
    model.graph.node[0].metadata_props.add(key="k", value="v")
    model.graph.initializer[0].doc_string = "weights"
    model.graph.input[0].type.tensor_type.shape.dim[0].denotation = "DATA_BATCH"
    model.graph.input[0].doc_string = "pixels"


plus = helper.make_node("Add", ["x", "w"], ["y"], doc_string="sum")
weights = numpy_helper.from_array(numpy.arange(4, dtype=numpy.float32), "w")
cases.append(save("extras", [plus], [weights], 4, edit=add_extras, **OPEN))
one = {"save_as_external_data": True, "location": "extras.bin", "size_threshold": 0}
weights = numpy_helper.from_array(numpy.arange(4, dtype=numpy.float32), "w")
cases.append(save("extras_external", [plus], [weights], 4, edit=add_extras, **OPEN, **one))
cases[-1]["bytes"] = 0
large = helper.make_tensor("big", TensorProto.INT64, [2], [2**62 + 1, -(2**62) - 1])
cases.append(save("large_integers", [RELU], [large], 2, **OPEN))
cases[-1]["bytes"] = 16


def add_function(model):
    body = helper.make_function("own", "Twice", ["a"], ["b"], [helper.make_node("Add", ["a", "a"], ["b"])],
                                [helper.make_opsetid("", 21)])
    model.functions.append(body)


twice = helper.make_node("Twice", ["x"], ["y"], domain="own")
cases.append(save("function", [twice], edit=add_function, domains=["own"], **OPEN))
json.dump(cases, sys.stdout)
