import { readInt, readInts } from '../attributes.ts'
import type { Call } from './call.ts'
import type { Tensor } from './tensor.ts'
import { clipKernel, slideWindow } from './window.ts'

/** Conv over N x C x H x W with weights M x C/groups x kH x kW. */
export function conv(call: Call): Tensor {
  const input = call.input(0)
  const weight = call.input(1)
  if (input.dims.length !== 4 || weight.dims.length !== 4) call.fail('inputs of N x C x H x W are expected')
  const [batch, channels, height, width] = input.dims as [number, number, number, number]
  const [outChannels, groupChannels, kernelH, kernelW] = weight.dims as [number, number, number, number]
  const groups = readInt(call.node, 'group', 1)
  const bias = call.optional(2)
  if (groups < 1 || channels !== groupChannels * groups || outChannels % groups !== 0) {
    call.fail(`weights [${weight.dims.join(', ')}] in ${groups} groups do not fit ${channels} channels`)
  }
  if (bias && bias.data.length !== outChannels)
    call.fail(`${outChannels} biases are expected, ${bias.data.length} given`)
  if (readInts(call.node, 'kernel_shape', [kernelH, kernelW]).join() !== `${kernelH},${kernelW}`) {
    call.fail('kernel_shape differs from the shape of the weights')
  }
  const [rows, columns] = slideWindow(call, [height, width], [kernelH, kernelW])
  const stepsPerValue = groupChannels * kernelH * kernelW
  const output = call.allocate([batch, outChannels, rows.output, columns.output], stepsPerValue)

  let at = 0
  for (let image = 0; image < batch; image++) {
    for (let outChannel = 0; outChannel < outChannels; outChannel++) {
      const firstChannel = Math.floor(outChannel / (outChannels / groups)) * groupChannels
      for (let y = 0; y < rows.output; y++) {
        const tall = clipKernel(rows, y)
        for (let x = 0; x < columns.output; x++) {
          const wide = clipKernel(columns, x)
          let sum = bias?.data[outChannel] ?? 0
          for (let channel = 0; channel < groupChannels; channel++) {
            const plane = (image * channels + firstChannel + channel) * height
            const kernel = (outChannel * groupChannels + channel) * kernelH
            for (let ky = tall.first; ky < tall.end; ky++) {
              const inputRow = (plane + tall.start + ky * rows.dilation) * width + wide.start
              const weightRow = (kernel + ky) * kernelW
              for (let kx = wide.first; kx < wide.end; kx++) {
                sum += input.data[inputRow + kx * columns.dilation]! * weight.data[weightRow + kx]!
              }
            }
          }
          output.data[at++] = sum
        }
      }
    }
  }
  return output
}
