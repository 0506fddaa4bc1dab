import { makeRandom } from '../model/random.ts'
import type { Prover } from '../prover/contract.ts'
import { PHASES } from '../row/phases.ts'
import { judge, type Check } from './check.ts'

const OUTPUTS = 200
const LONGEST = 40
const SEED = 7

/**
 * What outputs contain besides the prover's own counters: colours, truncated escapes, separators, incomplete JSON.
 */
const PIECES = [
  '=',
  ': ',
  ' ',
  '\n',
  '\r',
  ',',
  '.',
  '{"',
  '"}',
  '\u001B[36m',
  '\u001B[',
  '\u0000',
  '-1',
  '1e999',
  'NaN',
]

/** The reader must not throw, whatever is printed. */
export async function checkParsing(prover: Prover): Promise<Check> {
  const random = makeRandom(SEED, 0)
  const words = [...PIECES, ...(prover.counters ?? []), '12,345', '0x1f', 'seconds']
  const pick = (count: number) => Math.floor(((random.nextUniform() + 1) / 2) * count)
  const faults = new Set<string>()
  for (let i = 0; i < OUTPUTS; i++) {
    const output = Array.from({ length: pick(LONGEST) }, () => words[pick(words.length)]).join('')
    try {
      await prover.read(output, PHASES[i % PHASES.length]!, {})
    } catch (error) {
      faults.add(`its reader threw: ${error instanceof Error ? error.message : String(error)}`)
    }
  }
  return judge('no output breaks its reader', [...faults])
}
