import type { OnnxModel } from '../model/onnx.ts'
import { nameOperator } from '../model/summary.ts'
import type { Prover } from '../prover/contract.ts'
import type { Row } from '../row/schema.ts'

/** Why a prover cannot do a model, where it lists its operators and one of the model's is not among them. */
export function findUnsupported(
  { name, operators }: Prover,
  { graph }: OnnxModel,
): NonNullable<Row['error']> | undefined {
  const node = operators && graph?.node.find((candidate) => !operators.includes(nameOperator(candidate)))
  if (!node) return undefined
  return {
    code: 'OPERATOR_UNSUPPORTED',
    message: `node ${node.name || node.output[0] || '?'}: ${name} does not prove ${nameOperator(node)}`,
    hint: `take another prover; ${name} proves ${operators.join(', ')}`,
  }
}
