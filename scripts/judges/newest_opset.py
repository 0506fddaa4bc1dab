"""Prints the newest version of the default operator set that onnx knows."""

import onnx

print(onnx.defs.onnx_opset_version())
