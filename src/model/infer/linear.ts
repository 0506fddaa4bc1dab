import { readFloat, readInt } from '../attributes.ts'
import { broadcastShapes, makeIndexer } from './broadcast.ts'
import type { Call } from './call.ts'
import type { Tensor } from './tensor.ts'

/** alpha * A * B + beta * C, with A and B transposed as the node says. */
export function gemm(call: Call): Tensor {
  const a = call.input(0)
  const b = call.input(1)
  const c = call.optional(2)
  if (a.dims.length !== 2 || b.dims.length !== 2) call.fail('matrices are expected')
  const transA = readInt(call.node, 'transA', 0) !== 0
  const transB = readInt(call.node, 'transB', 0) !== 0
  const [rows, inner] = (transA ? a.dims.toReversed() : a.dims) as [number, number]
  const [innerB, columns] = (transB ? b.dims.toReversed() : b.dims) as [number, number]
  if (inner !== innerB) call.fail(`${inner} columns do not meet ${innerB} rows`)
  const alpha = readFloat(call.node, 'alpha', 1)
  const beta = readFloat(call.node, 'beta', 1)
  const output = call.allocate([rows, columns], inner)
  const indexC = c && makeIndexer(c.dims, fitC(call, c, output))
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      let sum = 0
      for (let k = 0; k < inner; k++) {
        const left = a.data[transA ? k * rows + row : row * inner + k]!
        sum += left * b.data[transB ? column * inner + k : k * columns + column]!
      }
      const at = row * columns + column
      output.data[at] = alpha * sum + (indexC ? beta * c.data[indexC(at)]! : 0)
    }
  }
  return output
}

function fitC(call: Call, c: Tensor, output: Tensor): readonly number[] {
  const dims = broadcastShapes(c.dims, output.dims)
  return dims?.join() === output.dims.join()
    ? dims
    : call.fail(`C [${c.dims.join(', ')}] does not fit the product`)
}

/** The product of matrices or stacks of them, stacks repeated where one has fewer. */
export function matMul(call: Call): Tensor {
  const a = call.input(0)
  const b = call.input(1)
  if (a.dims.length === 0 || b.dims.length === 0) call.fail('matrices are expected')
  // A vector counts as one row on the left and as one column on the right; that axis then goes again.
  const left = a.dims.length === 1 ? [1, ...a.dims] : a.dims
  const right = b.dims.length === 1 ? [...b.dims, 1] : b.dims
  const [rows, inner] = left.slice(-2) as [number, number]
  const [innerB, columns] = right.slice(-2) as [number, number]
  const stack = broadcastShapes(left.slice(0, -2), right.slice(0, -2))
  if (inner !== innerB || !stack)
    return call.fail(`[${a.dims.join(', ')}] and [${b.dims.join(', ')}] do not fit`)
  const dims = [...stack, ...(a.dims.length === 1 ? [] : [rows]), ...(b.dims.length === 1 ? [] : [columns])]
  const output = call.allocate(dims, inner)
  const indexA = makeIndexer(left.slice(0, -2), stack)
  const indexB = makeIndexer(right.slice(0, -2), stack)
  const matrices = rows * columns === 0 ? 0 : output.data.length / (rows * columns)
  let at = 0
  for (let matrix = 0; matrix < matrices; matrix++) {
    const startA = indexA(matrix) * rows * inner
    const startB = indexB(matrix) * inner * columns
    for (let row = 0; row < rows; row++) {
      for (let column = 0; column < columns; column++) {
        let sum = 0
        for (let k = 0; k < inner; k++) {
          sum += a.data[startA + row * inner + k]! * b.data[startB + k * columns + column]!
        }
        output.data[at++] = sum
      }
    }
  }
  return output
}
