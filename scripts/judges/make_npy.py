"""Saves [[[1, 2], [3, 4]]] as .npy files of several types into a folder. usage: make_npy.py FOLDER"""

import pathlib
import sys

import numpy

FOLDER = pathlib.Path(sys.argv[1])
VALUES = numpy.array([[[1, 2], [3, 4]]])

for name, dtype in {
    "f4": "<f4", "big_f4": ">f4", "f8": "<f8", "i4": "<i4", "i8": "<i8", "i1": "i1", "u1": "u1", "complex": "<c8",
}.items():
    numpy.save(FOLDER / f"{name}.npy", VALUES.astype(dtype))
numpy.save(FOLDER / "fortran.npy", numpy.asfortranarray(VALUES.astype("<f4")))
