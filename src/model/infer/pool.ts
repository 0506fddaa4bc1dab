import { readInt, readInts } from '../attributes.ts'
import type { Call } from './call.ts'
import type { Tensor } from './tensor.ts'
import { clipKernel, slideWindow, type Axis } from './window.ts'

export function maxPool(call: Call): Tensor {
  if (call.node.output[1]) call.fail('the output of indices is not known here')
  return pool(call, (data, places) => {
    let largest = -Infinity
    forEachPlace(places, (at) => {
      // Not Math.max: a window of NaN gives what onnxruntime gives.
      if (data[at]! > largest) largest = data[at]!
    })
    return largest
  })
}

export function averagePool(call: Call): Tensor {
  const countsPadding = readInt(call.node, 'count_include_pad', 0) === 1
  return pool(call, (data, places, tall, wide) => {
    let sum = 0
    let count = 0
    forEachPlace(places, (at) => {
      sum += data[at]!
      count++
    })
    return sum / (countsPadding ? tall * wide : count)
  })
}

interface Places {
  firstRow: number
  rows: number
  rowStep: number
  columns: number
  columnStep: number
}

function forEachPlace(
  { firstRow, rows, rowStep, columns, columnStep }: Places,
  visit: (at: number) => void,
): void {
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) visit(firstRow + row * rowStep + column * columnStep)
  }
}

type Reduce = (data: Tensor['data'], places: Places, paddedRows: number, paddedColumns: number) => number

function pool(call: Call, reduce: Reduce): Tensor {
  const input = call.input(0)
  if (input.dims.length !== 4) call.fail('an input of N x C x H x W is expected')
  const [batch, channels, height, width] = input.dims as [number, number, number, number]
  const kernel = readInts(call.node, 'kernel_shape', [])
  const [rows, columns] = slideWindow(call, [height, width], kernel)
  const output = call.allocate([batch, channels, rows.output, columns.output], kernel[0]! * kernel[1]!)
  let at = 0
  for (let plane = 0; plane < batch * channels; plane++) {
    for (let y = 0; y < rows.output; y++) {
      const tall = clipKernel(rows, y)
      const firstY = tall.start + tall.first * rows.dilation
      for (let x = 0; x < columns.output; x++) {
        const wide = clipKernel(columns, x)
        const places = {
          firstRow: (plane * height + firstY) * width + wide.start + wide.first * columns.dilation,
          rows: Math.max(0, tall.end - tall.first),
          rowStep: rows.dilation * width,
          columns: Math.max(0, wide.end - wide.first),
          columnStep: columns.dilation,
        }
        output.data[at++] = reduce(
          input.data,
          places,
          countPadded(rows, tall.start),
          countPadded(columns, wide.start),
        )
      }
    }
  }
  return output
}

// A window that ceil_mode adds may reach past the padding; what lies there is not counted.
function countPadded(axis: Axis, start: number): number {
  return Math.min(axis.kernel, Math.ceil((axis.input + axis.padEnd - start) / axis.dilation))
}
