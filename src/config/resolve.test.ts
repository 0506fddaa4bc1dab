import { expect, test } from 'vitest'
import { z } from 'zod'
import { ProvemarkError } from '../errors.ts'
import { breadthTrack, depthTrack, lenetTrack } from '../track/cnn.ts'
import type { TrackDefinition } from '../track/define.ts'
import { modelsTrack } from '../track/models.ts'
import { readConfig, resolveConfig, type ConfigSources } from './resolve.ts'

const TRACKS = [lenetTrack, depthTrack, breadthTrack, modelsTrack] as unknown as TrackDefinition[]

function resolve({
  config = {},
  env = {},
  argv = '',
  only,
  tracks = TRACKS,
}: {
  config?: object
  env?: ConfigSources['env']
  argv?: string
  only?: string
  tracks?: TrackDefinition[]
}) {
  const read = readConfig({
    config: { ...config },
    env,
    argv: argv.split(' ').filter(Boolean),
    tracks: tracks.map((track) => ({ track, isIncluded: only === undefined || only === track.name })),
  })
  return resolveConfig(read)
}

function paramsOf(track: string, sources: Parameters<typeof resolve>[0]) {
  return resolve(sources).tracks.find(({ track: { name } }) => name === track)?.params
}

function refusal(sources: Parameters<typeof resolve>[0]): string {
  try {
    resolve(sources)
  } catch (error) {
    if (error instanceof ProvemarkError) return error.message
    throw error
  }
  throw new Error('nothing was refused')
}

test('the quick profile is the default; full has the sizes of the reference', () => {
  expect(paramsOf('depth', {})).toMatchObject({
    depth_min: 1,
    depth_max: 3,
    input_hw: 28,
    conv_out_ch: 16,
    fc_hidden: 128,
  })
  expect(paramsOf('depth', { argv: '--profile full' })).toMatchObject({
    depth_max: 12,
    input_hw: 56,
    n_actions: 10,
  })
  expect(paramsOf('breadth', { argv: '--profile full' })).toMatchObject({
    arch_depth: 5,
    input_hw_list: [28, 56, 84, 112],
  })
  expect(resolve({}).run.iterations).toEqual({ compile: 1, witness: 3, prove: 3, verify: 3 })
  expect(resolve({ argv: '--profile full' }).run.iterations).toBe(3)
})

test('flags win over environment, environment over config, config over profile', () => {
  const config = { tracks: { depth: { depth_max: 4, input_hw: 20 } } }
  const env = { PROVEMARK_DEPTH_MAX: '5', PROVEMARK_FC_HIDDEN: '64' }
  expect(paramsOf('depth', { config })).toMatchObject({ depth_max: 4, input_hw: 20 })
  expect(paramsOf('depth', { config, env })).toMatchObject({ depth_max: 5, input_hw: 20, fc_hidden: 64 })
  expect(paramsOf('depth', { config, env, argv: '--depth-max 6' })).toMatchObject({
    depth_max: 6,
    fc_hidden: 64,
  })
})

test.each([
  ['28,56,84', [28, 56, 84]],
  ['14:28:7', [14, 21, 28]],
  ['1:3', [1, 2, 3]],
  ['7,10:12', [7, 10, 11, 12]],
])('a list is %s', (text, sides) => {
  expect(paramsOf('breadth', { argv: `--input-hw-list ${text}` })).toMatchObject({ input_hw_list: sides })
})

test.each([
  ['--iterations 5', 5],
  ['--iterations compile=1,prove=5', { compile: 1, prove: 5 }],
])('%s', (argv, iterations) => {
  expect(resolve({ argv }).run.iterations).toEqual(iterations)
})

test('--sweep selects tracks, as the file filter does', () => {
  expect(resolve({ argv: '--sweep depth,breadth' }).tracks.map(({ track }) => track.name)).toEqual([
    'depth',
    'breadth',
  ])
  expect(resolve({ only: 'lenet' }).tracks.map(({ track }) => track.name)).toEqual(['lenet'])
})

test('repeated flags make a list; a path may hold a comma', () => {
  expect(paramsOf('models', { argv: '--model a,b.onnx --model=c.onnx' })).toMatchObject({
    model: ['a,b.onnx', 'c.onnx'],
  })
})

test('all problems come at once, each with its flag, what was expected and what was given', () => {
  const message = refusal({
    config: { iteratons: 3, tracks: { depht: {} } },
    env: { PROVEMARK_INPUT_HW: 'wide', PROVEMARK_DEPHT_MAX: '3' },
    argv: '--depth-max 0 --depht-min 2 --input-hw-list 28,x --iterations prove=none --profile big stray --seed',
  })
  expect(message).toMatchInlineSnapshot(`
    "11 problems, nothing was run
      - --depht-min: expected a known flag (did you mean --depth-min?)
      - "stray": expected a flag (file filters go before the --: npx vitest bench depth -- --depth-max 4)
      - --seed: expected an integer of at least 0, given nothing
      - PROVEMARK_DEPHT_MAX: expected a known variable (did you mean PROVEMARK_DEPTH_MAX?)
      - --profile: expected one of quick, full, given "big"
      - --iterations.prove: expected an integer of at least 1, given "none"
      - iteratons in the config: expected a known key (did you mean iterations?)
      - tracks in the config: expected names of tracks, given depht (did you mean depth?)
      - --depth-max: expected an integer of at least 1, given 0
      - PROVEMARK_INPUT_HW: expected an integer of at least 1, given "wide"
      - --input-hw-list[1]: expected an integer of at least 1, given "x""
  `)
})

test('a wrong config shows the path to the value, the value, and the fix', () => {
  const config = {
    profile: 'fulll',
    iterations: { prove: '5', prov: 5 },
    sampling: { min: 9, max: 3, targett: 0.1 },
    provers: ['gnark', { name: 'inline', phases: {} }],
    keep: true,
    gate: { alpha: 2, floors: { time_s: -1 }, budgets: [{ metric: 'time_s', max: true }, { metric: 3 }] },
    tracks: { breadth: { input_hw_list: [28, '56'] }, depth: { depht_max: 3 } },
  }
  expect(refusal({ config })).toMatchInlineSnapshot(`
    "14 problems, nothing was run
      - profile in the config: expected one of quick, full, given "fulll" (did you mean full?)
      - iterations.prove in the config: expected an integer of at least 1, given "5" (write 5 without quotes)
      - iterations.prov in the config: expected a known key, given 5 (did you mean prove?)
      - sampling.targett in the config: expected a known key, given 0.1 (did you mean target?)
      - sampling.min in the config: expected at most max, given 9
      - provers[1] in the config: expected a name or the path of a module: worker processes cannot be given a prover itself, only its module, given {"name":"inline","phases":{}}
      - keep in the config: expected one of none, last, failed, all, given true
      - gate.budgets[0].max in the config: expected a number, or text, given true
      - gate.budgets[1].metric in the config: expected text, given 3
      - gate.budgets[1].max in the config: expected a number, or text, given nothing
      - gate.alpha in the config: expected a number above 0 and at most 0.5, given 2
      - gate.floors.time_s in the config: expected a number of at least 0, given -1
      - tracks.depth.depht_max in the config: expected a known key (did you mean depth_max?)
      - tracks.breadth.input_hw_list[1] in the config: expected an integer of at least 1, given "56" (write 56 without quotes)"
  `)
})

test('a flag that two tracks share is wrong once, and a list takes the place of its one item by a hint', () => {
  expect(refusal({ argv: '--pool-cap x' })).toBe(
    '1 problem, nothing was run\n  - --pool-cap: expected an integer of at least 0, given "x"',
  )
  expect(refusal({ config: { provers: 'gnark' } })).toContain('given "gnark" (write ["gnark"])')
})

test('a parameter that has to be given is asked for by its flag', () => {
  const params = z.object({ net_side: z.number() })
  const track = { name: 'own', params, points: () => [] } as unknown as TrackDefinition
  const read = readConfig({ config: {}, env: {}, argv: [], tracks: [{ track, isIncluded: true }] })
  expect(() => resolveConfig(read)).toThrow('--net-side: expected a number, given nothing')
})

test('a flag of a track that is not selected is refused', () => {
  expect(refusal({ only: 'breadth', argv: '--depth-max 4' })).toContain(
    '--depth-max: expected a flag of a selected track (it belongs to depth; selected: breadth)',
  )
  expect(refusal({ only: 'lenet', argv: '--conv-out-ch 4' })).toContain('it belongs to depth and breadth')
  expect(paramsOf('depth', { only: 'depth', argv: '--conv-out-ch 4' })).toMatchObject({ conv_out_ch: 4 })
})

test('the environment may speak of tracks that are not selected', () => {
  expect(resolve({ only: 'lenet', env: { PROVEMARK_DEPTH_MAX: '4' } }).tracks).toHaveLength(1)
})

test('--no-NAME is false for a switch and off where off can be chosen, and nothing elsewhere', () => {
  expect(resolve({}).run).toMatchObject({ memory_guard: true, lock: 'wait' })
  expect(resolve({ argv: '--no-memory-guard --no-lock' }).run).toMatchObject({
    memory_guard: false,
    lock: 'off',
  })
  expect(resolve({ argv: '--lock refuse --memory-guard' }).run).toMatchObject({
    memory_guard: true,
    lock: 'refuse',
  })
  expect(refusal({ argv: '--no-keep' })).toContain('--no-keep: expected a known flag')
})

test('without any bench file, the name of a track leads to where Vitest looks for them', () => {
  expect(refusal({ config: { tracks: { depth: {} } }, tracks: [] })).toContain(
    'given depth (no bench file of the project defines one: see test.benchmark.include)',
  )
})

test('a flag with one dash is one problem', () => {
  expect(refusal({ argv: '-iterations 3' })).toMatchInlineSnapshot(`
    "1 problem, nothing was run
      - -iterations: expected a known flag (did you mean --iterations?)"
  `)
})

test('variables that are no options of a run are left alone; others are refused', () => {
  const env = {
    PROVEMARK_GO: '/opt/go',
    PROVEMARK_CACHE: '/c',
    PROVEMARK_MEASURE: 'off',
    PROVEMARK_ASCII: '1',
  }
  expect(resolve({ env }).run.seed).toBe(42)
  expect(refusal({ env: { PROVEMARK_SEDE: '1' } })).toContain('PROVEMARK_SEDE: expected a known variable')
})
