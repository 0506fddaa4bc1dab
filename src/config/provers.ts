import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { z } from 'zod'
import { type Problem, ProvemarkError } from '../errors.ts'
import { asksService, type Prover, type Settings } from '../prover/contract.ts'
import { describeSchemaFault, SCHEMA_HINT } from '../lib/check-schema.ts'
import type { RunOptions } from '../plan/options.ts'
import { isModulePath } from '../prover/load-module.ts'
import { loadProver } from '../prover/registry.ts'
import { fieldsOf } from './fields.ts'
import { mergeLayers, textLayer, type Layer } from './layers.ts'
import { refusePlan } from './problems.ts'

/** A prover as the user requested it. */
export interface ChosenProver {
  prover: Prover
  /** Name or module path, used to load the prover again in another process. */
  source: string
  /** The spec as given: distinguishes two settings of one prover. */
  spec: string
  bin: string | undefined
  settings: Settings
}

interface Choice extends Partial<Pick<RunOptions, 'threads' | 'concurrency'>> {
  root: string
  sharedRoot?: string
}

/**
 * Reads specs of the form `NAME[,bin=PATH][,KEY=VALUE]`.
 * @throws ProvemarkError CONFIG_INVALID or PROVER_UNKNOWN
 */
export async function chooseProvers(
  specs: readonly string[],
  { root, sharedRoot = root, threads = [], concurrency = [] }: Choice,
): Promise<ChosenProver[]> {
  const problems: Problem[] = []
  const chosen: ChosenProver[] = []
  for (const spec of specs) {
    const [given = '', ...pairs] = spec.split(',')
    const source = findModule(given, root, sharedRoot)
    const { bin, ...pairsOfProver } = readPairs(pairs, spec, problems)
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
    const fault = describeSchemaFault(schema)
    if (fault) {
      problems.push({
        where: `options of the prover ${source}`,
        expected: fault.replace('expected ', ''),
        hint: SCHEMA_HINT,
      })
      continue
    }
    const numbers = [...new Set([threads].flat())]
    const numbersAtOnce = [...new Set([concurrency].flat())]
    problems.push(...refuseConcurrency(prover, Math.max(1, ...numbersAtOnce)))
    // A number of its own makes a spec one variant, whatever the run says.
    const isOwn = 'threads' in pairsOfProver
    for (const own of numbers.length && !isOwn ? numbers : [undefined]) {
      const { settings, problems: found } = readSettings(prover, pairsOfProver, { spec, threads: own })
      problems.push(...found)
      for (const atOnce of numbersAtOnce.length ? numbersAtOnce : [1]) {
        const ofLoad = atOnce === 1 ? {} : { concurrency: atOnce }
        chosen.push({ prover, source, spec, bin, settings: { ...settings, ...ofLoad } })
      }
    }
  }
  if (problems.length) throw refusePlan(problems)
  return chosen
}

/** The options of a prover and its number of threads, from the spec or else from the run. */
function readSettings(
  prover: Prover,
  pairs: Readonly<Record<string, string>>,
  { spec, threads }: { spec: string; threads: number | undefined },
): { settings: Settings; problems: Problem[] } {
  const schema = prover.options ?? z.object({})
  const ofRun: Layer = { values: threads === undefined ? {} : { threads }, nameOf: () => '--threads' }
  // If a prover has its own option named threads, its schema checks it.
  if ('threads' in schema.shape) {
    const { value, problems } = mergeLayers(schema, [ofRun, layerOf(schema, pairs, spec)])
    return { settings: { ...value }, problems }
  }
  const { threads: own, ...options } = pairs
  const ofProver = mergeLayers(schema, [layerOf(schema, options, spec)])
  if (prover.threads === false)
    return {
      settings: { ...ofProver.value, ...(threads === undefined ? {} : { cpus: threads }) },
      problems: [...ofProver.problems, ...refuseThreads(prover, own, spec)],
    }
  // A schema of its own: the prover's may be of a zod that cannot extend it.
  const ofThreads = mergeLayers(THREADS, [
    ofRun,
    layerOf(THREADS, own === undefined ? {} : { threads: own }, spec),
  ])
  const { threads: chosen } = ofThreads.value ?? {}
  return {
    settings: { ...(chosen === undefined ? {} : { threads: chosen }), ...ofProver.value },
    problems: [...ofProver.problems, ...ofThreads.problems],
  }
}

const THREADS = z.object({ threads: z.int().min(1).optional() })

function layerOf(schema: z.ZodObject, pairs: Readonly<Record<string, string>>, spec: string): Layer {
  const fields = fieldsOf(schema)
  const given = new Map(Object.entries(pairs).map(([key, value]) => [key.replaceAll('_', '-'), [value]]))
  const unknown = Object.entries(pairs).filter(
    ([key]) => !fields.some(({ flag }) => flag === key.replaceAll('_', '-')),
  )
  const layer = textLayer(given, fields, ({ key }) => `${key} of --prover ${spec}`)
  return { ...layer, values: { ...Object.fromEntries(unknown), ...layer.values } }
}

function refuseThreads({ name }: Prover, given: string | undefined, spec: string): Problem[] {
  if (given === undefined) return []
  return [
    {
      where: `threads of --prover ${spec}`,
      expected: 'no number of threads',
      given,
      hint: `${name} takes no number of threads; a commandProver takes one if a command or a variable contains {threads}`,
    },
  ]
}

/** A process that is started for each proof has nothing to share: several of them are a load, not a service. */
function refuseConcurrency({ name, warm, phases }: Prover, most: number): Problem[] {
  if (most === 1 || warm || (phases.prove && asksService(phases.prove))) return []
  return [
    {
      where: '--concurrency',
      expected: `1 for the prover ${name}, which is neither warm nor a service`,
      given: String(most),
    },
  ]
}

/** A relative path is resolved against the project root or, for an inherited config or a flag, Vitest's root. */
function findModule(source: string, root: string, sharedRoot: string): string {
  if (!isModulePath(source) || existsSync(resolve(root, source))) return source
  const shared = resolve(sharedRoot, source)
  return existsSync(shared) ? shared : source
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
