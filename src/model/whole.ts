import { ProvemarkError } from '../errors.ts'
import { patchExternal } from './external.ts'
import { readModelBytes } from './file.ts'
import { listTensors } from './graphs.ts'
import type { OnnxModel } from './onnx.ts'
import { countParameters, isExternal } from './parameters.ts'
import { listInputs } from './ports.ts'
import { patchMessage } from './proto/patch.ts'
import { listOpenSides, patchSides, planSides, type Dims } from './sides.ts'

// protobuf's limit for one message, less some room for nodes and names.
const MOST_VALUE_BYTES = 2 ** 31 - 2 ** 26

/**
 * The bytes of a model in the form that every prover reads: all values in one file, and open sides fixed, an open
 * batch to 1. Everything else is unchanged, byte by byte. Undefined if the file already has this form, or is too
 * large for a copy.
 * @param headers of the file at `path`, as they were read
 * @throws ProvemarkError MODEL_UNREADABLE; MODEL_UNSUPPORTED if `dims` need a copy that would be too large
 */
export function makeWhole(path: string, headers: OnnxModel, dims: Dims = {}): Uint8Array | undefined {
  const inputs = listInputs(headers)
  const isWhole = !listTensors(headers).some(isExternal) && listOpenSides(inputs).length === 0
  if (isWhole) return undefined
  if (countBytes(headers) > MOST_VALUE_BYTES) {
    if (Object.keys(dims).length === 0) return undefined
    throw new ProvemarkError(
      'MODEL_UNSUPPORTED',
      `${path}: its values are too large for a copy with fixed sides`,
      {
        hint: 'export the model with fixed dimensions',
      },
    )
  }
  const bytes = readModelBytes(path)
  const pieces = patchMessage('ModelProto', bytes, {
    ...patchExternal(path),
    ...patchSides(planSides(inputs, dims)),
  })
  return pieces && Buffer.concat(pieces)
}

function countBytes(headers: OnnxModel): number {
  return Object.values(countParameters(headers)).reduce((sum, { bytes }) => sum + bytes, 0)
}
