import { z } from 'zod'
import { ProvemarkError } from '../errors.ts'
import type { Prover, Settings } from '../prover/contract.ts'
import { loadProver } from '../prover/registry.ts'
import { fieldsOf } from './fields.ts'
import { mergeLayers, textLayer } from './layers.ts'
import { refusePlan, type Problem } from './problems.ts'

/** A prover as the user asked for it. */
export interface ChosenProver {
  prover: Prover
  /** Name or module path: what loads the prover again in another process. */
  source: string
  /** The spec as given: tells two settings of one prover apart. */
  spec: string
  bin: string | undefined
  settings: Settings
}

/**
 * Reads specs of the form `NAME[,bin=PATH][,KEY=VALUE]`.
 * @throws ProvemarkError CONFIG_INVALID or PROVER_UNKNOWN
 */
export async function chooseProvers(
  specs: readonly string[],
  { root, threads }: { root: string; threads?: number | undefined },
): Promise<ChosenProver[]> {
  const problems: Problem[] = []
  const chosen: ChosenProver[] = []
  for (const spec of specs) {
    const [source = '', ...pairs] = spec.split(',')
    const { bin, ...options } = readPairs(pairs, spec, problems)
    const prover = await loadProver(source, root).catch((error: unknown) => {
      if (!(error instanceof ProvemarkError)) throw error
      problems.push({
        where: `--prover ${spec}`,
        expected: 'a prover',
        hint: `${error.message}; ${error.hint}`,
      })
    })
    if (!prover) continue
    const schema = prover.options ?? z.object({})
    const fields = fieldsOf(schema)
    const given = new Map(Object.entries(options).map(([key, value]) => [key.replaceAll('_', '-'), [value]]))
    const unknown = Object.entries(options).filter(
      ([key]) => !fields.some(({ flag }) => flag === key.replaceAll('_', '-')),
    )
    const layer = textLayer(given, fields, ({ key }) => `${key} of --prover ${spec}`)
    const { value, problems: found } = mergeLayers(schema, [
      { ...layer, values: { ...Object.fromEntries(unknown), ...layer.values } },
    ])
    problems.push(...found)
    chosen.push({ prover, source, spec, bin, settings: { ...(threads ? { threads } : {}), ...value } })
  }
  if (problems.length) throw refusePlan(problems)
  return chosen
}

function readPairs(pairs: string[], spec: string, problems: Problem[]): Record<string, string> {
  const entries = pairs.map((pair): [string, string] => {
    const equals = pair.indexOf('=')
    if (equals < 1)
      problems.push({ where: `--prover ${spec}`, expected: 'KEY=VALUE', given: JSON.stringify(pair) })
    return [pair.slice(0, equals), pair.slice(equals + 1)]
  })
  return Object.fromEntries(entries)
}
