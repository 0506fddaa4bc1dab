"""Saves [[[1, 2], [3, 4]]] as .npy files of several types into a folder. usage: make_npy.py FOLDER"""

import json
import pathlib
import sys

import numpy

FOLDER = pathlib.Path(sys.argv[1])
VALUES = numpy.array([[[1, 2], [3, 4]]])

for name, dtype in {
    **{code: f"<{code}" for code in ["f2", "f4", "f8", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8"]},
    **{f"big_{code}": f">{code}" for code in ["f2", "f4", "f8", "i2", "i4", "i8", "u2", "u4", "u8"]},
    "complex": "<c8",
}.items():
    numpy.save(FOLDER / f"{name}.npy", VALUES.astype(dtype))
numpy.save(FOLDER / "b1.npy", VALUES % 2 == 0)
numpy.save(FOLDER / "fortran.npy", numpy.asfortranarray(VALUES.astype("<f4")))
numpy.save(FOLDER / "fortran_3d.npy", numpy.asfortranarray(numpy.arange(24, dtype="<i8").reshape(2, 3, 4)))
HALVES = numpy.array([0, -0.5, 6e-8, 6.1e-5, 65504, -1.25, 0.1, 3.14159], dtype="<f2")
numpy.save(FOLDER / "halves.npy", HALVES)
print(json.dumps(HALVES.astype("<f8").tolist()))
