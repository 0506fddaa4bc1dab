import { ProvemarkError } from '../errors.ts'
import { readerOf } from './element-type.ts'
import { sizeOf } from './ports.ts'

/** NumPy's type codes (kind and bytes, which a byte order precedes: '<' little, '>' big, '|' one byte). */
const TYPES = new Map(
  Object.entries({
    f2: 'float16',
    f4: 'float32',
    f8: 'float64',
    i1: 'int8',
    i2: 'int16',
    i4: 'int32',
    i8: 'int64',
    u1: 'uint8',
    u2: 'uint16',
    u4: 'uint32',
    u8: 'uint64',
    b1: 'bool',
    // As written by NumPy with ml_dtypes of the JAX project.
    bfloat16: 'bfloat16',
  }),
)

const MAGIC = Buffer.from('\x93NUMPY', 'latin1')

/** Whether bytes start like a `.npy` file. */
export function isNpy(bytes: Uint8Array): boolean {
  return MAGIC.equals(bytes.subarray(0, MAGIC.length))
}

/**
 * Values of a NumPy `.npy` file (format versions 1 to 3) in row-major order.
 * @throws ProvemarkError INPUT_INVALID
 */
export function parseNpy(bytes: Buffer, path: string): Float64Array {
  const { header, dataStart } = splitHeader(bytes, path)
  const descr = /'descr':\s*'([^']*)'/.exec(header)?.[1] ?? 'unknown'
  const type = TYPES.get(descr.replace(/^[<>=|]/, ''))
  if (!type)
    throw invalid(
      path,
      `its type ${descr} is not one of ${[...TYPES.keys()].join(', ')}`,
      'save it as float32',
    )
  const { width, read } = readerOf(type)!
  const sides = (/'shape':\s*\(([^)]*)\)/.exec(header)?.[1]?.match(/\d+/g) ?? []).map(Number)
  const count = sizeOf(sides)
  if (dataStart + count * width !== bytes.length) {
    throw invalid(
      path,
      `its header promises ${count} values of ${width} bytes, and ${bytes.length - dataStart} bytes follow`,
    )
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset + dataStart, count * width)
  const stored = Float64Array.from({ length: count }, (_, index) =>
    read(view, index * width, !descr.startsWith('>')),
  )
  return /'fortran_order':\s*True/.test(header) ? toRowMajor(stored, sides) : stored
}

/** Reorders values from column-major to row-major order. */
function toRowMajor(stored: Float64Array, sides: readonly number[]): Float64Array {
  const strides = sides.map((_, axis) => sizeOf(sides.slice(0, axis)))
  const at = sides.map(() => 0)
  return stored.map(() => {
    const value = stored[at.reduce((offset, index, axis) => offset + index * strides[axis]!, 0)]!
    for (let axis = sides.length - 1; axis >= 0; axis--) {
      if (++at[axis]! < sides[axis]!) break
      at[axis] = 0
    }
    return value
  })
}

function splitHeader(bytes: Buffer, path: string): { header: string; dataStart: number } {
  if (bytes.length < 12 || !isNpy(bytes)) throw invalid(path, 'it is no .npy file')
  // Version 1 has two bytes for the header's length, later ones four.
  const [start, length] = bytes[6] === 1 ? [10, bytes.readUInt16LE(8)] : [12, bytes.readUInt32LE(8)]
  if (start + length > bytes.length) throw invalid(path, 'it ends inside its header')
  return { header: bytes.toString('latin1', start, start + length), dataStart: start + length }
}

function invalid(path: string, what: string, hint = 'save it again with numpy.save'): ProvemarkError {
  return new ProvemarkError('INPUT_INVALID', `input file ${path}: ${what}`, { hint })
}
