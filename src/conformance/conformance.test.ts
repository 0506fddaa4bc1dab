import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { temporaryFolder } from '../../fixtures/run-bench.ts'
import { checkConformance } from './index.ts'

const HASHER = 'fixtures/provers/hasher.ts'
const LONG = { timeout: 180_000 }

test('a prover that behaves conforms', LONG, async () => {
  const { prover, checks, failures } = await checkConformance(HASHER)
  expect(failures).toEqual([])
  expect(prover).toEqual({ name: 'hasher', version: '1.0.0' })
  expect(checks.map(({ result }) => result)).toEqual(checks.map(() => 'passed'))
})

const outline = ({ checks }: Awaited<ReturnType<typeof checkConformance>>) =>
  Object.fromEntries(checks.map(({ check, result }) => [check, result]))

test(
  'warm functions, a service and a process of several phases conform; what does not apply is named',
  LONG,
  async () => {
    const warm = await checkConformance('fixtures/provers/warm-hasher.ts')
    expect(warm.failures).toEqual([])
    expect(warm.checks.map(({ result }) => result)).toEqual(warm.checks.map(() => 'passed'))

    const service = await checkConformance('fixtures/provers/service.ts')
    expect(service.failures).toEqual([])
    expect(outline(service)).toMatchObject({
      phases: 'passed',
      artifacts: 'passed',
      times: 'passed',
      forged_proof: 'passed',
      cancel: 'passed',
      counters: 'not_applicable',
      bad_model: 'not_applicable',
    })

    const shared = await checkConformance('fixtures/provers/one-process.ts')
    expect(shared.failures).toEqual([])
    expect(outline(shared)).toMatchObject({
      phases: 'passed',
      artifacts: 'passed',
      counters: 'passed',
      determinism: 'passed',
      forged_proof: 'not_applicable',
      times: 'not_applicable',
      cancel: 'passed',
    })
    expect(shared.checks.find(({ check }) => check === 'forged_proof')?.detail).toContain(
      'cannot be asked about another proof',
    )
  },
)

test.each([
  ['fixtures/provers/warm-hasher.ts,remember=true', ['forged_proof', 'forged_output']],
  ['fixtures/provers/warm-hasher.ts,late=true', ['times']],
  ['fixtures/provers/warm-hasher.ts,leak=true', ['cancel']],
  ['fixtures/provers/service.ts,how=believes', ['forged_proof']],
  ['fixtures/provers/service.ts,how=garbage', ['phases']],
  ['fixtures/provers/service.ts,how=boasts', ['times']],
  ['fixtures/provers/service.ts,how=deaf', ['cancel']],
  ['fixtures/provers/one-process.ts,how=crossed', ['phases']],
  ['fixtures/provers/one-process.ts,how=deaf', ['cancel']],
] as const)('%s is caught: %s', LONG, async (spec, only) => {
  expect(outline(await checkConformance(spec, { only }))).toEqual(
    Object.fromEntries(only.map((check) => [check, 'failed'])),
  )
})

test('printed durations that cannot be, and a verify of its own that accepts anything', LONG, async () => {
  const dir = await temporaryFolder()
  const program = join(import.meta.dirname, '../../fixtures/provers/one-process.mjs')
  const index = join(import.meta.dirname, '../prover/index.ts')
  const source = (verify: string) => `
import { commandProver } from '${index}'
const time = (phase) => ({ time: new RegExp('^Time elapsed in ' + phase + ': (.+)$') })
export default commandProver({
  name: 'liar',
  version: '1',
  phases: {
    compile: { cmd: ['node', '${program}', 'durations', '{proof}'], bounds: time('compile') },
    prove: { bounds: time('prove'), artifacts: { proof: { file: 'proof.bin' } } },
    verify: ${verify},
  },
  tamper: { proof: { artifact: 'proof', forge: () => Buffer.from('8') } },
})
`
  await writeFile(join(dir, 'inside.ts'), source("{ bounds: time('verify') }"))
  await writeFile(join(dir, 'alone.ts'), source("{ cmd: ['node', '-e', '0', '{proof}'] }"))
  const times = await checkConformance('./inside.ts', { root: dir, only: ['times'] })
  expect(times.failures).toEqual([expect.stringMatching(/compile is printed to have taken 1\.234567 s/)])
  const forged = await checkConformance('./alone.ts', { root: dir, only: ['forged_proof'] })
  expect(forged.failures).toEqual(['a forged proof is rejected: accepted'])
})

/** A prover with these operators, or with commands that name something. */
const sourceOf = (rest: string, word = '{model}') => `
import { commandProver } from '${join(import.meta.dirname, '../prover/index.ts')}'
const write = "require('fs').writeFileSync(process.argv.at(-1), process.argv.slice(1).join())"
export default commandProver({
  name: 'own',
  version: '1',
  phases: { prove: { cmd: ['node', '-e', write, '${word}', '{proof}'], artifacts: { proof: { file: 'proof.bin' } } } },
  ${rest}
})
`

test('the workload is one of the prover: its operators, a file, or parameters', LONG, async () => {
  const dir = await temporaryFolder()
  const files = {
    'gemm.ts': sourceOf("operators: ['Gemm'],"),
    'tanh.ts': sourceOf("operators: ['Tanh'],"),
    'none.ts': sourceOf("operators: ['Nonsense'],"),
    'circuit.ts': sourceOf('', '{workload}'),
    'size.ts': sourceOf('', '{params.size}'),
    'a.circom': 'template A() {}',
  }
  for (const [name, text] of Object.entries(files)) await writeFile(join(dir, name), text)
  const check = (name: string, options = {}) =>
    checkConformance(`./${name}`, { root: dir, only: ['phases', 'artifacts'], ...options })
  for (const name of ['gemm.ts', 'tanh.ts']) expect((await check(name)).failures).toEqual([])
  await expect(check('none.ts')).rejects.toThrow(/none of the tiny models consists of the operators/)
  expect((await check('circuit.ts', { workload: 'a.circom' })).failures).toEqual([])
  await expect(check('circuit.ts')).rejects.toThrow(/reads a file that is no ONNX model/)
  expect((await check('size.ts', { params: { size: 4 } })).failures).toEqual([])
  await expect(check('size.ts')).rejects.toThrow(/its commands name \{params\.size\}/)
})

test('the embedded prover conforms', LONG, async () => {
  const { checks, failures } = await checkConformance('gnark')
  expect(failures).toEqual([])
  expect(checks.map(({ result }) => result)).toEqual(checks.map(() => 'passed'))
})

test.each([
  ['unordered=true', ['phases']],
  ['forget=circuit', ['artifacts']],
  ['unstable=true', ['counters', 'determinism']],
  ['silent=true', ['counters']],
  ['accept=proof', ['forged_proof']],
  ['accept=output', ['forged_output']],
  ['crash=true', ['forged_proof', 'forged_output']],
  ['off_by=0.5', ['proved_output']],
  ['swallow=true', ['bad_model', 'bad_input']],
  ['leak=true', ['cancel']],
] as const)('with %s it fails: %s', LONG, async (option, only) => {
  const { checks } = await checkConformance(`${HASHER},${option}`, { only })
  expect(checks.map(({ check, result }) => `${check} ${result}`)).toEqual(
    only.map((check) => `${check} failed`),
  )
})

test('a reader that throws fails', async () => {
  const { failures } = await checkConformance('fixtures/provers/thrower.ts', { only: ['parsing'] })
  expect(failures).toEqual([expect.stringMatching(/^no output breaks its reader: its reader threw: /)])
})
