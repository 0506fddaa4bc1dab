import { describeSchemaFault, SCHEMA_HINT } from '../check-schema.ts'
import { ProvemarkError } from '../errors.ts'
import { PHASES } from '../row/phases.ts'
import type { Prover } from './contract.ts'

/** Files that are there before any phase runs. */
const GIVEN = ['model', 'input'] as const

/**
 * Refuses a prover whose phases do not fit together.
 * @throws ProvemarkError PROVER_INVALID naming every fault at once
 */
export function checkDefinition(prover: Prover): void {
  const faults = [...findFaults(prover)]
  if (faults.length) throw invalidProver(prover.name, faults)
}

export function invalidProver(name: string | undefined, faults: readonly string[]): ProvemarkError {
  return new ProvemarkError('PROVER_INVALID', `prover ${name || '?'}: ${faults.join('; ')}`, {
    hint: 'docs/provers.md says what each part of a prover has to be',
  })
}

function* findFaults({ name, options, artifacts, phases, tamper = {} }: Prover): Generator<string> {
  if (!/^[\w.-]+$/.test(name)) yield 'its name has to be letters, digits, dots, dashes and underscores'
  const fault = options && describeSchemaFault(options)
  if (fault) yield `options: ${fault} (${SCHEMA_HINT})`
  const there = new Set<string>(GIVEN)
  for (const phase of PHASES) {
    const spec = phases[phase]
    if (!spec) {
      yield `phase ${phase} is missing`
      continue
    }
    for (const read of spec.reads) {
      if (!there.has(read)) yield `${phase} reads ${read}, which no earlier phase writes`
    }
    for (const written of spec.writes) {
      if (there.has(written)) yield `${phase} writes ${written}, which is there already`
      else if (!Object.hasOwn(artifacts, written)) yield `${phase} writes ${written}, which is no artifact`
      there.add(written)
    }
  }
  for (const [artifact, { file }] of Object.entries(artifacts)) {
    if (!there.has(artifact)) yield `no phase writes the artifact ${artifact}`
    if (!isFileName(file))
      yield `the file of ${artifact} has to be a plain name, ${JSON.stringify(file)} given`
  }
  for (const [what, forgery] of Object.entries(tamper)) {
    if (forgery && !Object.hasOwn(artifacts, forgery.artifact))
      yield `tamper.${what} forges ${forgery.artifact}, which is no artifact`
  }
}

/** Artifacts lie in the iteration's folder, which goes when the run ends: nothing may lie outside. */
function isFileName(file: string): boolean {
  return /^[^/\\]+$/.test(file) && file !== '.' && file !== '..'
}
