"""What a single-file copy changes in a model, other than its open sides and the location of its values.

stdin: JSON list of [original, copy]
stdout: JSON list of the names of the fields that differ once both are brought into the same form
"""

import json
import sys

import onnx


def read(path):
    model = onnx.load(path)
    for info in [*model.graph.input, *model.graph.output, *model.graph.value_info]:
        for dim in info.type.tensor_type.shape.dim:
            if dim.dim_param == "batch":
                dim.dim_value = 1
    for tensor in model.graph.initializer:
        tensor.ClearField("data_location")
        tensor.ClearField("external_data")
    return model


def differences(pair):
    original, copy = (read(path) for path in pair)
    onnx.checker.check_model(pair[1], full_check=True)
    return [field.name for field in original.DESCRIPTOR.fields if getattr(original, field.name) != getattr(copy, field.name)]


json.dump([differences(pair) for pair in json.load(sys.stdin)], sys.stdout)
