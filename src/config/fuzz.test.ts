import fc from 'fast-check'
import { expect, test } from 'vitest'
import { ProvemarkError } from '../errors.ts'
import { breadthTrack, depthTrack, lenetTrack } from '../track/cnn.ts'
import type { TrackDefinition } from '../track/define.ts'
import { modelsTrack } from '../track/models.ts'
import { fieldsOf } from './fields.ts'
import { chooseProvers } from './provers.ts'
import { readConfig, resolveConfig } from './resolve.ts'
import { runSchema } from '../plan/options.ts'
import { commandSchema } from './flags.ts'

const TRACKS = [lenetTrack, depthTrack, breadthTrack, modelsTrack] as unknown as TrackDefinition[]
const SCHEMAS = [runSchema, commandSchema, ...TRACKS.map(({ params }) => params)]
const OFFERED = TRACKS.map((track) => ({ track, isIncluded: true }))
const FLAGS = SCHEMAS.flatMap((schema) => fieldsOf(schema).map(({ flag }) => flag))
const FUZZ = { seed: 42, numRuns: Number(process.env['PROVEMARK_TEST_FUZZ_CONFIGS'] ?? 200) }

/** A valid config to mutate. */
const good = () => ({
  profile: 'full',
  seed: 7,
  iterations: { compile: 1, prove: 5 },
  sampling: { target: 0.05, min: 6, max: 30 },
  provers: ['gnark', './own.ts'],
  timeout_s: { prove: 60 },
  launcher: ['nice', '-n5'],
  keep: 'last',
  lock: 'wait',
  gate: { baseline: 'base.jsonl', budgets: [{ metric: 'ecc.totalCost', max: '0%', level: 'fail' }] },
  tracks: { depth: { depth_min: 1, depth_max: 4 }, breadth: { input_hw_list: [28, 56] } },
})

const HOSTILE_NAMES = [
  '__proto__',
  'constructor',
  'prototype',
  'toString',
  'hasOwnProperty',
  'then',
  '',
  '\0',
  'x'.repeat(1e5),
]

function nest(levels: number): unknown {
  let value: unknown = 1
  for (let i = 0; i < levels; i++) value = i % 2 ? [value] : { a: value }
  return value
}

function makeCycle(): unknown {
  const cycle: Record<string, unknown> = {}
  return Object.assign(cycle, { cycle })
}

const HOSTILE_VALUES: unknown[] = [
  Number.NaN,
  -0,
  Infinity,
  2 ** 53,
  -1,
  1e-320,
  10n ** 50n,
  Symbol('s'),
  () => 'f',
  new Date(Number.NaN),
  'x'.repeat(1e6),
  '\u001B[2J',
  '$(touch pwned)',
  '../../etc',
  '1:1000000000',
  '\uD800',
  '{"a":1}',
  Array.from({ length: 1e5 }, (_, i) => i),
  nest(5000),
  makeCycle(),
  /x/,
  new Error('e'),
  Promise.resolve(),
  JSON.parse('{"__proto__":{"polluted":true}}'),
  { constructor: { prototype: { polluted: true } } },
]

/** Values that no schema expects. */
const hostile = fc.oneof(
  fc.anything({
    withBigInt: true,
    withDate: true,
    withMap: true,
    withSet: true,
    withNullPrototype: true,
    withSparseArray: true,
    withTypedArray: true,
  }),
  fc.constantFrom(...HOSTILE_VALUES),
)

type Mutation = [at: number, value: unknown, name: string, kind: 'replace' | 'add' | 'remove' | 'rename']
const mutation: fc.Arbitrary<Mutation> = fc.tuple(
  fc.nat(),
  hostile,
  fc.oneof(fc.constantFrom(...HOSTILE_NAMES), fc.string()),
  fc.constantFrom('replace', 'add', 'remove', 'rename'),
)

/** Every place in a tree: an object or an array, and one of its keys. */
function listPlaces(tree: object): [Record<string, unknown>, string][] {
  return Object.entries(tree).flatMap(([key, value]): [Record<string, unknown>, string][] => [
    [tree as Record<string, unknown>, key],
    ...(typeof value === 'object' && value !== null ? listPlaces(value as object) : []),
  ])
}

function mutate(mutations: readonly Mutation[]): Record<string, unknown> {
  const config = good() as Record<string, unknown>
  const places = listPlaces(config)
  for (const [at, value, name, kind] of mutations) {
    const [parent, key] = places[at % places.length]!
    const define = (own: string, to: unknown) =>
      Object.defineProperty(parent, own, { value: to, enumerable: true, configurable: true, writable: true })
    if (kind === 'add') define(name, value)
    if (kind === 'replace') define(key, value)
    if (kind === 'rename') define(name, parent[key])
    if (kind === 'remove' || kind === 'rename') delete parent[key]
  }
  return config
}

const argument = fc.oneof(
  fc.constantFrom(...FLAGS).map((flag) => `--${flag}`),
  fc
    .tuple(fc.constantFrom(...FLAGS, ...HOSTILE_NAMES), fc.string())
    .map(([flag, text]) => `--${flag}=${text}`),
  fc.constantFrom(
    '--no-',
    '--',
    '-',
    '--=',
    '--no-lock',
    '1:1000000000',
    '1:10:0',
    'compile=1,__proto__=2',
    '=,=,',
    '9'.repeat(1e4),
  ),
  fc.string({ unit: 'binary' }),
)
const variable = fc.tuple(
  fc.oneof(fc.constantFrom(...FLAGS.map((flag) => flag.toUpperCase().replaceAll('-', '_'))), fc.string()),
  fc.string(),
)

interface Sources {
  config?: Record<string, unknown>
  argv?: string[]
  env?: Record<string, string>
}

/** The result for a config: its values fit their schemas, or it was rejected. Any other error is rethrown. */
function resolve({ config = {}, argv = [], env = {} }: Sources) {
  try {
    const { run, tracks } = resolveConfig(readConfig({ config, argv, env, tracks: OFFERED }))
    return [
      runSchema.safeParse(run).success,
      ...tracks.map(({ track, params }) => track.params.safeParse(params).success),
    ].every(Boolean)
  } catch (error) {
    if (!(error instanceof ProvemarkError)) throw error
    return { code: error.code, hasHint: Boolean(error.hint), isShort: error.message.length < 100_000 }
  }
}

const REFUSED = { code: 'CONFIG_INVALID', hasHint: true, isShort: true }

function bounded<Result>(work: () => Result): Result {
  const start = process.cpuUsage()
  const result = work()
  const { user, system } = process.cpuUsage(start)
  // One second of CPU time. Wall clock would depend on the machine's load.
  expect((user + system) / 1e6).toBeLessThan(1)
  return result
}

const prototypeBefore = Object.getOwnPropertyNames(Object.prototype).toSorted()
const expectCleanPrototype = () => {
  expect(Object.getOwnPropertyNames(Object.prototype).toSorted()).toEqual(prototypeBefore)
  expect(({} as { polluted?: unknown }).polluted).toBeUndefined()
}

test('a mutated config is good or refused with a typed error', { timeout: 600_000 }, () => {
  fc.assert(
    fc.property(fc.array(mutation, { minLength: 1, maxLength: 6 }), (mutations) => {
      const outcome = bounded(() => resolve({ config: mutate(mutations) }))
      expect([true, REFUSED]).toContainEqual(outcome)
      expectCleanPrototype()
    }),
    FUZZ,
  )
})

test(
  'whatever flags and variables hold, they are good or refused with a typed error',
  { timeout: 600_000 },
  () => {
    fc.assert(
      fc.property(
        fc.array(argument, { maxLength: 8 }),
        fc.array(variable, { maxLength: 4 }),
        (argv, variables) => {
          const env = Object.fromEntries(variables.map(([name, value]) => [`PROVEMARK_${name}`, value]))
          const outcome = bounded(() => resolve({ argv, env }))
          expect([true, REFUSED]).toContainEqual(outcome)
          expectCleanPrototype()
        },
      ),
      FUZZ,
    )
  },
)

test('keys that lead to prototypes are refused by name, and nothing is inherited from them', () => {
  const config = JSON.parse(
    '{"__proto__":{"seed":666,"iterations":9},"tracks":{"depth":{"__proto__":{"depth_max":9}}}}',
  ) as Record<string, unknown>
  expect(() => resolveConfig(readConfig({ config, argv: [], env: {}, tracks: OFFERED }))).toThrow(
    /__proto__ in the config: expected a known key[^]*tracks\.depth\.__proto__ in the config: expected a known key/,
  )
  for (const argv of [
    ['--__proto__', '1'],
    ['--constructor', '1'],
    ['--fsync=constructor'],
    ['--sampling', '__proto__=1'],
  ]) {
    expect(resolve({ argv })).toEqual(REFUSED)
  }
})

test('settings of a prover lead to no prototype either', async () => {
  for (const key of ['__proto__', 'constructor', 'prototype', 'toString']) {
    const chosen = chooseProvers([`./fixtures/provers/toy.ts,${key}=1`], { root: process.cwd() })
    await expect(chosen).rejects.toMatchObject({ code: 'CONFIG_INVALID' })
  }
  expectCleanPrototype()
})
