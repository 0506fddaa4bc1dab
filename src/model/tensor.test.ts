import { expect, test } from 'vitest'
import { DATA_TYPE } from './onnx.ts'
import { makeMessage } from './proto/schema.ts'
import { readTensor } from './tensor.ts'

test.each([
  ['FLOAT16', [0x3c00, 0xc000, 0x0001, 0x7bff], [1, -2, 2 ** -24, 65504]],
  ['BFLOAT16', [0x3f80, 0xc000, 0x3e80, 0x7f7f], [1, -2, 0.25, 3.3895313892515355e38]],
] as const)('values of %s are read from raw bytes and from the typed list', (type, bits, values) => {
  const tensor = { dims: [4], data_type: DATA_TYPE[type] }
  const raw_data = new Uint8Array(Uint16Array.from(bits).buffer)
  expect([...readTensor(makeMessage('TensorProto', { ...tensor, raw_data })).data]).toEqual(values)
  expect([...readTensor(makeMessage('TensorProto', { ...tensor, int32_data: [...bits] })).data]).toEqual(
    values,
  )
})
