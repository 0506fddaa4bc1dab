import type { PortValues } from '../../model/input.ts'

/** One flat list for each input of the model. */
export function encodeInput(inputs: readonly PortValues[]): string {
  return JSON.stringify({ input_data: inputs.map(({ values }) => [...values]) })
}
