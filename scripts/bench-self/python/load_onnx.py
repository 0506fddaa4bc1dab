"""Loads an ONNX file, and as often again as told, printing the seconds of each further load. usage: FILE [WARM]"""
import sys
import time

import onnx

onnx.load(sys.argv[1])
for _ in range(int(sys.argv[2]) if len(sys.argv) > 2 else 0):
    start = time.perf_counter()
    onnx.load(sys.argv[1])
    print(time.perf_counter() - start)
