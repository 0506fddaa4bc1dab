import type { OnnxModel } from '../model/onnx.ts'
import { nameOperator } from '../model/summary.ts'
import { printableName } from '../printable.ts'
import type { Prover } from '../prover/contract.ts'
import type { Row } from '../row/schema.ts'

/** Why a prover cannot do a model: an operator that is not in its list, or what else it refuses. */
export function findUnsupported(prover: Prover, model: OnnxModel): NonNullable<Row['error']> | undefined {
  const why = findOperator(prover, model) ?? prover.refuse?.(model)
  if (typeof why !== 'string') return why
  return { code: 'MODEL_UNSUPPORTED', message: why, hint: 'take another prover, or change the model' }
}

function findOperator(
  { name, operators }: Prover,
  { graph }: OnnxModel,
): NonNullable<Row['error']> | undefined {
  const node = operators && graph?.node.find((candidate) => !operators.includes(nameOperator(candidate)))
  if (!node) return undefined
  return {
    code: 'OPERATOR_UNSUPPORTED',
    message: `node ${printableName(node.name || node.output[0]) || '?'}: ${name} does not prove ${printableName(nameOperator(node))}`,
    hint: `take another prover; ${name} proves ${operators.join(', ')}`,
  }
}
