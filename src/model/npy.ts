import { ProvemarkError } from '../errors.ts'
import { sizeOf } from './shape.ts'

type ReadValue = (view: DataView, offset: number) => number

// NumPy's type codes: byte order ('<' little, '>' big, '|' one byte), kind, bytes.
const READERS = new Map<string, [width: number, read: ReadValue]>([
  ['<f4', [4, (view, offset) => view.getFloat32(offset, true)]],
  ['>f4', [4, (view, offset) => view.getFloat32(offset, false)]],
  ['<f8', [8, (view, offset) => view.getFloat64(offset, true)]],
  ['>f8', [8, (view, offset) => view.getFloat64(offset, false)]],
  ['<i4', [4, (view, offset) => view.getInt32(offset, true)]],
  ['<i8', [8, (view, offset) => Number(view.getBigInt64(offset, true))]],
  ['|i1', [1, (view, offset) => view.getInt8(offset)]],
  ['|u1', [1, (view, offset) => view.getUint8(offset)]],
])

const MAGIC = Buffer.from('\x93NUMPY', 'latin1')

/**
 * Values of a NumPy `.npy` file (format versions 1 to 3) in row-major order.
 * @throws ProvemarkError INPUT_INVALID
 */
export function parseNpy(bytes: Buffer, path: string): Float64Array {
  const { header, dataStart } = splitHeader(bytes, path)
  const descr = /'descr':\s*'([^']*)'/.exec(header)?.[1] ?? 'unknown'
  const [width, read] = READERS.get(descr) ?? []
  if (!width || !read) {
    throw invalid(
      path,
      `its type ${descr} is not one of ${[...READERS.keys()].join(', ')}`,
      'save it as float32',
    )
  }
  if (/'fortran_order':\s*True/.test(header)) {
    throw invalid(path, 'it is in Fortran order', 'save numpy.ascontiguousarray(values)')
  }
  const sides = /'shape':\s*\(([^)]*)\)/.exec(header)?.[1]?.match(/\d+/g) ?? []
  const count = sizeOf(sides.map(Number))
  if (dataStart + count * width !== bytes.length) {
    throw invalid(
      path,
      `its header tells of ${count} values of ${width} bytes, ${bytes.length - dataStart} bytes follow`,
    )
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset + dataStart, count * width)
  return Float64Array.from({ length: count }, (_, index) => read(view, index * width))
}

function splitHeader(bytes: Buffer, path: string): { header: string; dataStart: number } {
  if (bytes.length < 12 || !bytes.subarray(0, MAGIC.length).equals(MAGIC))
    throw invalid(path, 'it is no .npy file')
  // Version 1 has two bytes for the header's length, later ones four.
  const [start, length] = bytes[6] === 1 ? [10, bytes.readUInt16LE(8)] : [12, bytes.readUInt32LE(8)]
  if (start + length > bytes.length) throw invalid(path, 'it ends inside its header')
  return { header: bytes.toString('latin1', start, start + length), dataStart: start + length }
}

function invalid(path: string, what: string, hint = 'save it again with numpy.save'): ProvemarkError {
  return new ProvemarkError('INPUT_INVALID', `input file ${path}: ${what}`, { hint })
}
