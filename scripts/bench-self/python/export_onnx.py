"""Writes the CNN of the depth track with torch.onnx.export: once by default, or WARM times after a first one, and
then prints the seconds of each. usage: export_onnx.py OUTPUT DEPTH SIDE [WARM]"""
import contextlib
import io
import sys
import time

import torch
from torch import nn


def make_model(depth: int, side: int) -> nn.Module:
    layers: list[nn.Module] = []
    pools = min(depth, 2)
    for block in range(depth):
        layers += [nn.Conv2d(4 if block == 0 else 16, 16, 3, padding=1), nn.ReLU()]
        if block < pools:
            layers.append(nn.MaxPool2d(2))
    flat = 16 * (side >> pools) ** 2
    return nn.Sequential(*layers, nn.Flatten(), nn.Linear(flat, 128), nn.ReLU(), nn.Linear(128, 10)).eval()


def export(path: str, depth: int, side: int) -> None:
    torch.manual_seed(42)
    with contextlib.redirect_stdout(io.StringIO()), torch.no_grad():
        example = (torch.zeros(1, 4, side, side),)
        torch.onnx.export(make_model(depth, side), example, path, external_data=False)


path, depth, side = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
export(path, depth, side)
for _ in range(int(sys.argv[4]) if len(sys.argv) > 4 else 0):
    start = time.perf_counter()
    export(path, depth, side)
    print(time.perf_counter() - start)
