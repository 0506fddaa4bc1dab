"""Proves random small graphs with the embedded prover, and compares what it proves with onnxruntime.

usage: prove_graphs.py PROGRAM FIRST_SEED COUNT [PHASE, the last one to run: witness or verify]
stdout: JSON list of {"seed", "operators", "error", "tolerance", "span"} (error, tolerance and the output's span as
numbers) or {"seed", "operators", "refused"}
"""

import json
import pathlib
import subprocess
import sys
import tempfile

import numpy
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper

PROGRAM, FIRST, COUNT = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
LAST_PHASE = sys.argv[4] if len(sys.argv) > 4 else "verify"


class Graph:
    """A graph under construction: its values by name, with their shapes."""

    def __init__(self, seed):
        self.random = numpy.random.default_rng(seed)
        self.nodes, self.stored, self.inputs, self.shapes, self.read = [], [], {}, {}, set()
        batch = int(self.random.choice([1, 1, 2]))
        for _ in range(int(self.random.choice([1, 1, 2, 3]))):
            rank = int(self.random.integers(1, 5))
            shape = [batch, *(int(v) for v in self.random.integers(1, 5, rank - 1))]
            if self.random.random() < 0.5:
                shape = [batch, 2, 4, 4]
            name = f"x{len(self.inputs)}"
            self.inputs[name] = self.shapes[name] = shape

    def one_in(self, n):
        return self.random.integers(0, n) == 0

    def pick(self, rank=None):
        names = [k for k, v in self.shapes.items() if rank is None or len(v) in rank]
        return str(self.random.choice(names)) if names else None

    def axis(self, name):
        return int(self.random.integers(0, len(self.shapes[name])))

    def floats(self, shape, low=-1.0, high=1.0):
        return self.store(self.random.uniform(low, high, shape).astype(numpy.float32))

    def ints(self, values):
        return self.store(numpy.array(values, dtype=numpy.int64))

    def store(self, values):
        name = f"c{len(self.stored)}"
        self.stored.append(numpy_helper.from_array(values, name))
        return name

    def fits(self, shape):
        """A shape that broadcasts to the given one."""
        cut = int(self.random.integers(0, len(shape) + 1))
        return [1 if self.one_in(3) else side for side in shape[cut:]]

    def node(self, op, inputs, outputs=1, hidden=False, **attributes):
        names = [f"v{len(self.nodes)}_{i}" for i in range(outputs)]
        self.nodes.append(helper.make_node(op, inputs, names, name=f"n{len(self.nodes)}", **attributes))
        self.read.update(inputs)
        if not hidden:
            self.infer(names)
        return names

    def infer(self, names):
        outputs = [helper.make_tensor_value_info(n, TensorProto.FLOAT, None) for n in names]
        inferred = onnx.shape_inference.infer_shapes(self.model(outputs), strict_mode=True, data_prop=True)
        for value in inferred.graph.output:
            sides = [d.dim_value for d in value.type.tensor_type.shape.dim]
            if 0 < numpy.prod(sides) <= 400 and all(sides):
                self.shapes[value.name] = sides

    def model(self, outputs):
        inputs = [helper.make_tensor_value_info(k, TensorProto.FLOAT, v) for k, v in self.inputs.items()]
        graph = helper.make_graph(self.nodes, "g", inputs, outputs, self.stored)
        return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)


def elementwise(g):
    x = g.pick()
    op = str(g.random.choice(["Add", "Sub", "Mul", "Div"]))
    low, high = (0.5, 2) if op == "Div" else (-1.5, 1.5)
    pair = [x, g.floats(g.fits(g.shapes[x]), low, high)]
    g.node(op, pair if op == "Div" or g.one_in(2) else pair[::-1])


def residual(g):
    x = g.pick()
    same = [k for k, v in g.shapes.items() if v == g.shapes[x]]
    g.node(str(g.random.choice(["Add", "Sub", "Mul"])), [x, str(g.random.choice(same))])


def simple(g):
    g.node(str(g.random.choice(["Relu", "Relu", "Identity", "Neg", "Dropout"])), [g.pick()])


def cast(g):
    g.node("Cast", [g.pick()], to=TensorProto.FLOAT)


def total(g):
    x = g.pick()
    same = [k for k, v in g.shapes.items() if v == g.shapes[x]]
    g.node("Sum", [str(v) for v in g.random.choice(same, 3)])


def conv(g):
    x = g.pick([3, 4])
    if not x:
        return
    n, c, *sides = g.shapes[x]
    group = c if g.one_in(3) else 1
    kernel = [int(min(s, g.random.integers(1, 4))) for s in sides]
    outputs = group * int(g.random.integers(1, 3))
    inputs = [x, g.floats([outputs, c // group, *kernel], -0.5, 0.5)]
    if g.one_in(2):
        inputs.append(g.floats([outputs]))
    pads = [int(v) for v in g.random.integers(0, 2, 2 * len(sides))]
    g.node("Conv", inputs, group=group, pads=pads, strides=[int(g.random.integers(1, 3)) for _ in sides])


def pool(g):
    x = g.pick([3, 4])
    if not x:
        return
    sides = g.shapes[x][2:]
    if g.one_in(3):
        g.node("GlobalAveragePool", [x])
        return
    op = str(g.random.choice(["MaxPool", "AveragePool"]))
    g.node(op, [x], kernel_shape=[int(min(s, 2)) for s in sides], strides=[int(g.random.integers(1, 3)) for _ in sides])


def norm(g):
    x = g.pick([2, 3, 4])
    if x:
        c = g.shapes[x][1]
        g.node("BatchNormalization", [x, g.floats([c]), g.floats([c]), g.floats([c]), g.floats([c], 0.5, 2)])


def dense(g):
    x = g.pick([2, 3, 4])
    if not x:
        return
    rows, inner, outputs = g.shapes[x][-2], g.shapes[x][-1], int(g.random.integers(1, 5))
    kind = g.random.integers(0, 3)
    if kind == 0 and len(g.shapes[x]) == 2:
        g.node("Gemm", [x, g.floats([outputs, inner]), g.floats([outputs])], transB=1, alpha=0.7, beta=1.3)
    elif kind == 1 and len(g.shapes[x]) == 2:
        g.node("MatMul", [g.floats([outputs, rows]), x])
    else:
        [y] = g.node("MatMul", [x, g.floats([inner, outputs])])
        if g.one_in(2):
            g.node("Add", [y, g.floats([outputs])])


def matrices(g):
    x = g.pick([2, 3, 4])
    if not x:
        return
    shape = g.shapes[x]
    fits = [k for k, v in g.shapes.items() if len(v) >= 2 and v[-2] == shape[-1] and (len(v) == 2 or v[:-2] == shape[:-2])]
    if fits and g.one_in(2):
        y = str(g.random.choice(fits))
    else:
        order = list(range(len(shape)))
        [y] = g.node("Transpose", [x], perm=[*order[:-2], order[-1], order[-2]])
    [z] = g.node("MatMul", [x, y])
    if g.one_in(2):
        g.node(str(g.random.choice(["Mul", "Div"])), [z, g.floats([], 0.5, 2)])


def softmax(g):
    x = g.pick()
    shape = g.shapes[x]
    if g.one_in(2):  # a mask that leaves at least the first value of each row
        hidden = g.random.random(shape[-2:]) < 0.4
        hidden[..., 0] = False
        low = float(g.random.choice([-numpy.inf, -1e9]))
        [x] = g.node("Add", [x, g.store(numpy.where(hidden, low, 0).astype(numpy.float32))], hidden=True)
        g.node("Softmax", [x], axis=-1)
    else:
        g.node("Softmax", [x], axis=g.axis(x))


def layer_norm(g):
    x = g.pick([2, 3, 4])
    if x and g.shapes[x][-1] > 1:
        d = g.shapes[x][-1]
        g.node("LayerNormalization", [x, g.floats([d]), g.floats([d])], epsilon=1e-2)


def quotient(g):
    x = g.pick()
    [y] = g.node("Abs", [x])
    [y] = g.node("Add", [y, g.floats([], 0.5, 1)])
    if g.one_in(2):
        [y] = g.node("Neg", [y])
    same = [k for k, v in g.shapes.items() if v == g.shapes[x]]
    g.node("Div", [str(g.random.choice(same)), y])


def move(g):
    x = g.pick()
    shape, axis = g.shapes[x], g.axis(x)
    kind = g.random.integers(0, 9)
    if kind == 0:
        g.node("Transpose", [x], perm=[int(v) for v in g.random.permutation(len(shape))])
    elif kind == 1:
        start, step = int(g.random.integers(-shape[axis], shape[axis])), int(g.random.choice([1, 2, -1]))
        end = 2**62 if step > 0 else -(2**62)
        g.node("Slice", [x, g.ints([start]), g.ints([end]), g.ints([axis]), g.ints([step])])
    elif kind == 2 and shape[axis] > 1:
        parts = [1, shape[axis] - 1]
        g.node("Split", [x, g.ints(parts)], outputs=2, axis=axis)
    elif kind == 3:
        like = [k for k, v in g.shapes.items() if len(v) == len(shape) and v[:axis] + v[axis + 1 :] == shape[:axis] + shape[axis + 1 :]]
        parts = [x, str(g.random.choice(like))]
        if g.one_in(3):
            parts.append(g.floats(shape))
        g.node("Concat", parts, axis=axis)
    elif kind == 4:
        g.node("Unsqueeze", [x, g.ints([axis])]) if len(shape) < 4 else g.node("Flatten", [x], axis=axis)
    elif kind == 5 and 1 in shape and len(shape) > 1:
        g.node("Squeeze", [x, g.ints([shape.index(1)])])
    elif kind == 6:
        wide = [int(g.random.integers(1, 4)) if s == 1 else s for s in shape]
        g.node("Expand", [x, g.ints(wide)])
    elif kind == 7:
        g.node("Gather", [x, g.ints(g.random.integers(-shape[axis], shape[axis], 3))], axis=axis)
    else:
        # The shape comes from the graph: [first side, -1].
        [sides] = g.node("Shape", [x], hidden=True)
        [first] = g.node("Gather", [sides, g.ints(0)], hidden=True, axis=0)
        [first] = g.node("Unsqueeze", [first, g.ints([0])], hidden=True)
        [both] = g.node("Concat", [first, g.ints([-1])], hidden=True, axis=0)
        g.node("Reshape", [x, both])


def reduce(g):
    x = g.pick()
    axes = sorted({g.axis(x), g.axis(x)})
    keep = int(g.random.integers(0, 2))
    if g.one_in(2):
        g.node("ReduceSum", [x, g.ints(axes)], keepdims=keep)
    else:
        g.node("ReduceMean", [x], axes=axes, keepdims=keep)


FUNCTIONS = ["Sigmoid", "Tanh", "Exp", "Erf", "Softplus", "HardSigmoid", "Elu", "Selu", "Softsign", "HardSwish"]


def function(g):
    x = g.pick()
    if g.one_in(3):  # defined for some numbers alone
        [x] = g.node("Relu", [x])
        [x] = g.node("Add", [x, g.floats([], 0.5, 1.0)])
        g.node(str(g.random.choice(["Sqrt", "Log", "Reciprocal"])), [x])
    else:
        g.node(str(g.random.choice(FUNCTIONS)), [x])


def piecewise(g):
    x = g.pick()
    shape, axis = g.shapes[x], g.axis(x)
    kind = g.random.integers(0, 6)
    if kind == 0:
        g.node("Abs", [x])
    elif kind == 1:
        g.node("LeakyRelu", [x], alpha=float(g.random.uniform(-0.5, 0.5)))
    elif kind == 2:
        g.node("PRelu", [x, g.floats(g.fits(shape))])
    elif kind == 3:
        ends = [[g.floats([], -0.5, 0), g.floats([], 0, 0.5)], [g.floats([], -0.5, 0)], ["", g.floats([], 0, 0.5)]]
        g.node("Clip", [x, *ends[int(g.random.integers(0, 3))]])
    elif kind == 4:
        same = [k for k, v in g.shapes.items() if v == shape] + [g.floats(g.fits(shape))]
        pair = [x, *(str(v) for v in g.random.choice(same, int(g.random.integers(1, 3))))]
        g.node(str(g.random.choice(["Max", "Min"])), pair)
    else:
        pads = [0] * (2 * len(shape))
        pads[axis], pads[len(shape) + axis] = (int(v) for v in g.random.integers(0, min(3, shape[axis]), 2))
        g.node("Pad", [x, g.ints(pads)], mode=str(g.random.choice(["constant", "edge", "reflect"])))


def same_shape(g, x):
    return str(g.random.choice([k for k, v in g.shapes.items() if v == g.shapes[x]]))


def compare(g):
    x = g.pick()
    other = same_shape(g, x) if g.one_in(2) else g.floats(g.fits(g.shapes[x]))
    op = str(g.random.choice(["Greater", "Less", "GreaterOrEqual", "LessOrEqual", "Equal"]))
    [holds] = g.node(op, [x, other], hidden=True)
    if g.one_in(3):
        [holds] = g.node("Not", [holds], hidden=True)
    if g.one_in(2):
        g.node("Where", [holds, x, same_shape(g, x)])
    else:
        g.node("Cast", [holds], to=TensorProto.FLOAT)


def rounded(g):
    g.node(str(g.random.choice(["Floor", "Ceil", "Round", "Sign"])), [g.pick()])


def order(g):
    x = g.pick()
    axis = g.axis(x)
    if g.one_in(2):
        op = str(g.random.choice(["ArgMax", "ArgMin"]))
        [at] = g.node(op, [x], hidden=True, axis=axis, keepdims=int(g.random.integers(0, 2)), select_last_index=int(g.random.integers(0, 2)))
        g.node("Cast", [at], to=TensorProto.FLOAT)
    else:
        [values, _] = g.node("TopK", [x, g.ints([int(g.random.integers(1, g.shapes[x][axis] + 1))])], outputs=2, hidden=True, axis=axis, largest=int(g.random.integers(0, 2)))
        g.infer([values])


def extremes(g):
    x = g.pick()
    axes, keep = [g.axis(x)], int(g.random.integers(0, 2))
    g.node(str(g.random.choice(["ReduceMax", "ReduceMin", "ReduceL1", "ReduceSumSquare", "ReduceLogSumExp", "ReduceProd"])), [x], axes=axes, keepdims=keep)


def upwards(g):
    x = g.pick([3, 4])
    if not x:
        return
    n, c, *sides = g.shapes[x]
    if g.one_in(2):
        kernel = [int(g.random.integers(1, 4)) for _ in sides]
        g.node("ConvTranspose", [x, g.floats([c, int(g.random.integers(1, 3)), *kernel], -0.5, 0.5)], strides=[int(g.random.integers(1, 3)) for _ in sides])
    else:
        scales = g.store(numpy.array([1, 1, *([2] * len(sides))], dtype=numpy.float32))
        mode = str(g.random.choice(["nearest", "linear"]))
        g.node("Resize", [x, "", scales], mode=mode, coordinate_transformation_mode=str(g.random.choice(["half_pixel", "asymmetric", "align_corners"])))


def power(g):
    g.node("Pow", [g.pick(), g.store(numpy.array(g.random.choice([2, 3]), dtype=numpy.float32))])


def recurrent(g):
    x = g.pick([3])
    if not x:
        return
    op = str(g.random.choice(["RNN", "GRU", "LSTM"]))
    rows, inner = {"RNN": 2, "GRU": 6, "LSTM": 8}[op], g.shapes[x][2]
    g.node(op, [x, g.floats([1, rows, inner], -0.5, 0.5), g.floats([1, rows, 2], -0.5, 0.5), g.floats([1, 2 * rows], -0.5, 0.5)], hidden_size=2)


def tree(g):
    """A decision: one value of a row chooses which of the row to take, or one of two numbers."""
    x = g.pick([2])
    if not x or g.shapes[x][1] < 2:
        return
    [value] = g.node("Gather", [x, g.ints([g.axis(x) if g.shapes[x][0] == 1 else 0])], hidden=True, axis=1)
    [holds] = g.node("Greater", [value, g.floats([])], hidden=True)
    [which] = g.node("Cast", [holds], hidden=True, to=TensorProto.INT64)
    if g.one_in(2):
        g.node("GatherElements", [x, which], axis=1)
    else:
        g.node("Gather", [g.floats([2]), which])


KINDS = [recurrent, tree, compare, rounded, order, extremes, upwards, power, piecewise, piecewise, function, function, elementwise, residual, simple, cast, total, conv, pool, norm, dense, matrices, matrices, softmax, layer_norm, quotient, move, move, move, reduce]


def build(seed):
    g = Graph(seed)
    while len(g.nodes) < 3 + seed % 8:
        KINDS[int(g.random.integers(0, len(KINDS)))](g)
    ends = [k for k in g.shapes if k not in g.read and k not in g.inputs] or [k for k in g.shapes if k not in g.inputs][-1:]
    for k in list(g.shapes):  # one that others read, too
        if k in g.read and k not in g.inputs and g.one_in(8):
            ends.append(k)
    model = g.model([helper.make_tensor_value_info(k, TensorProto.FLOAT, g.shapes[k]) for k in ends])
    for name, shape in list(g.inputs.items()):
        if name not in g.read:
            g.node("Identity", [name], hidden=True)
    onnx.checker.check_model(model, full_check=True)
    return g, model


def run(*args):
    done = subprocess.run([PROGRAM, *args], capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"{args[0]}: {done.stderr.strip() or done.returncode}")
    return done.stdout


def figure(text, key):
    return float(text.split(f"{key}=")[-1].split()[0])


def judge(seed, folder):
    g, model = build(seed)
    verdict = {"seed": seed, "operators": sorted({n.op_type for n in model.graph.node})}
    at = lambda name: str(folder / name)
    onnx.save_model(model, at("model.onnx"))
    feeds = {k: g.random.uniform(-1, 1, v).astype(numpy.float32) for k, v in g.inputs.items()}
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    session = onnxruntime.InferenceSession(at("model.onnx"), options, providers=["CPUExecutionProvider"])
    outputs = session.run(None, feeds)
    if not outputs:
        return {**verdict, "refused": "no outputs"}
    wanted = numpy.concatenate([v.flatten() for v in outputs])
    (folder / "input.json").write_text(json.dumps({k: v.tolist() for k, v in feeds.items()} if len(feeds) > 1 else {"input": next(iter(feeds.values())).tolist()}))
    try:
        run("compile", "--model", at("model.onnx"), "--circuit", at("c"), "--pk", at("pk"), "--vk", at("vk"),
            "--quantized", at("q"), "--scale-bits", "10")
        text = run("witness", "--circuit", at("c"), "--quantized", at("q"), "--input", at("input.json"), "--output", at("o"), "--witness", at("w"))
        if LAST_PHASE == "verify":
            run("prove", "--circuit", at("c"), "--pk", at("pk"), "--witness", at("w"), "--proof", at("p"))
            run("verify", "--vk", at("vk"), "--proof", at("p"), "--output", at("o"))
    except RuntimeError as error:
        return {**verdict, "refused": str(error)}
    given = numpy.array(json.loads((folder / "o").read_text())["output"])
    if given.shape != wanted.shape:
        return {**verdict, "error": 1e9, "tolerance": 0, "span": 0}
    # The tolerance of a run's control, plus what float32 itself loses.
    tolerance = min(figure(text, "output_error_bound"), 4 * figure(text, "output_error_estimate"))
    span = float(numpy.abs(wanted).max())
    return {**verdict, "error": float(numpy.abs(given - wanted).max()), "tolerance": tolerance + 1e-5 * span, "span": span}


results = []
for seed in range(FIRST, FIRST + COUNT):
    with tempfile.TemporaryDirectory() as folder:
        results.append(judge(seed, pathlib.Path(folder)))
json.dump(results, sys.stdout)
