import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, expect, test } from 'vitest'
import { runInOnnxruntime, runJudge } from '../../scripts/judges/judge.ts'
import { encodeModel, makeModel, makeNode, makeValueInfo } from '../model/onnx.ts'
import { Reference } from './reference.ts'

interface ReferenceModel {
  name: string
  path: string
  inputs: Record<string, { shape: number[]; values: number[] }>
}

const folder = mkdtempSync(join(tmpdir(), 'provemark-reference-'))
afterAll(() => rmSync(folder, { recursive: true }))
runJudge('make_hostile_models.py', [folder])
const models = JSON.parse(runJudge('make_reference_models.py', [folder])) as ReferenceModel[]
const verdicts = runInOnnxruntime(models.map(({ path, inputs }) => ({ model: path, inputs })))

const reference = new Reference()
afterAll(() => reference.close())
/** A slow machine needs some seconds to start the process, and a model that never ends takes the whole timeout. */
const strict = new Reference({ timeS: 12, memoryMb: 256 })
afterAll(() => strict.close())

const ONES = [[1, 1, 1, 1]]

test.each(models.map((model, index) => ({ ...model, verdict: verdicts[index]! })))(
  '$name gives what onnxruntime gives in Python',
  async ({ path, inputs, verdict }) => {
    expect(verdict.error).toBeUndefined()
    const outputs = await reference.infer(
      path,
      Object.values(inputs).map(({ values }) => values),
    )
    expect(outputs.map(({ name, shape }) => ({ name, shape }))).toEqual(
      Object.entries(verdict.outputs!).map(([name, { shape }]) => ({ name, shape })),
    )
    for (const { name, values } of outputs) {
      const expected = verdict.outputs![name]!.values.map(Number)
      expect(values).toHaveLength(expected.length)
      const worst = Math.max(...expected.map((value, at) => Math.abs(value - values[at]!)))
      // Half precision has eleven bits.
      expect(worst).toBeLessThan(path.endsWith('half.onnx') ? 1e-3 : 1e-5)
    }
  },
)

test('one process runs model after model, and the same model gives the same bits', async () => {
  const { path, inputs } = models.find(({ name }) => name === 'attention')!
  const values = Object.values(inputs).map((input) => input.values)
  const runs = await Promise.all([1, 2, 3].map(() => reference.infer(path, values)))
  const other = new Reference()
  runs.push(await other.infer(path, values))
  await other.close()
  for (const run of runs) expect(run).toEqual(runs[0])
})

test.each([
  ['endless', 'onnxruntime took longer than 12 s'],
  ['growing', 'onnxruntime needs more than the 256 MB that it may take'],
  ['3_gigabytes', 'onnxruntime needs more than the 256 MB that it may take'],
  ['100_gigabytes', 'onnxruntime refuses the model: Tensor shape is too large'],
  ['trapping', 'onnxruntime crashed: divide result unrepresentable'],
])('%s is ended or refused, and the next model runs', async (name, reason) => {
  await expect(strict.infer(join(folder, `${name}.onnx`), ONES)).rejects.toThrow(reason)
  const { path, inputs } = models.find((model) => model.name === 'gru')!
  await expect(strict.infer(path, [inputs['x']!.values])).resolves.toHaveLength(1)
})

test('a cancelled run ends at once, and leaves no process', async () => {
  const controller = new AbortController()
  const own = new Reference()
  const endless = own.infer(join(folder, 'endless.onnx'), ONES, { signal: controller.signal })
  await expect.poll(() => own.pid).toBeDefined()
  const pid = own.pid!
  controller.abort()
  await expect(endless).rejects.toThrow('it was cancelled')
  expect(isRunning(pid)).toBe(false)
  expect(own.pid).toBeUndefined()
})

test.each(['SIGTERM', 'SIGKILL'] as const)(
  'a process that dies by %s in the middle of a run takes an endless model with it',
  async (signal) => {
    const script = join(folder, 'endless.ts')
    const url = new URL('./reference.ts', import.meta.url).href
    writeFileSync(
      script,
      `import { reference } from ${JSON.stringify(url)}
      await reference.infer(${JSON.stringify(join(folder, 'endless.onnx'))}, ${JSON.stringify(ONES)})`,
    )
    const parent = spawn(process.execPath, [script], { stdio: 'ignore' })
    const children = `/proc/${parent.pid}/task/${parent.pid}/children`
    await expect.poll(() => readFileSync(children, 'utf8'), { timeout: 60_000 }).not.toBe('')
    const pid = Number(readFileSync(children, 'utf8'))
    // The thread must be in the model's loop, where only the kernel can stop it.
    await expect.poll(() => cpuTicks(pid), { timeout: 60_000 }).toBeGreaterThan(150)
    parent.kill(signal)
    await once(parent, 'exit')
    await expect.poll(() => isRunning(pid), { timeout: 30_000 }).toBe(false)
  },
)

test('between two models the process takes no processor time', async () => {
  const own = new Reference()
  const { path, inputs } = models.find(({ name }) => name === 'lstm')!
  await own.infer(path, [inputs['x']!.values])
  const pid = own.pid!
  await sleep(500)
  const before = cpuTicks(pid)
  await sleep(1000)
  expect(cpuTicks(pid) - before).toBeLessThanOrEqual(5)
  await own.close()
  expect(isRunning(pid)).toBe(false)
})

test.each([
  ['fractions for integers', 'embedding', [0, 0.5, 1], 'input x is int64, and 0.5 is not an integer'],
  ['integers out of range', 'signed', [0, 200, 1], 'input x is int8, and value 1 is 200'],
  ['an index outside of the table', 'embedding', [0, 10, 1], 'indices element out of data bounds'],
])('%s are refused with a reason', async (_, name, values, reason) => {
  const { path } = models.find((model) => model.name === name)!
  await expect(reference.infer(path, [values])).rejects.toThrow(reason)
})

test('random operators, unknown operators and files that are no model have a reason each', async () => {
  const write = (name: string, op: string, domain = '') => {
    const node = makeNode(op, op, op === 'RandomUniform' ? [] : ['x'], ['y'])
    if (op === 'RandomUniform') node.attribute = makeNode(op, op, [], [], { shape: [2, 2] }).attribute
    if (domain) node.domain = domain
    const path = join(folder, name)
    const graph = { node: [node], input: [makeValueInfo('x', [1, 4])], output: [makeValueInfo('y', [2, 2])] }
    writeFileSync(path, encodeModel(makeModel({ name: 'g', initializer: [], ...graph })))
    return path
  }
  await expect(reference.infer(write('random.onnx', 'RandomUniform'), ONES)).rejects.toThrow(
    'its output is random',
  )
  await expect(reference.infer(write('unknown.onnx', 'Frobnicate'), ONES)).rejects.toThrow(/Frobnicate/)
  await expect(reference.infer(write('custom.onnx', 'Relu', 'com.example'), ONES)).rejects.toThrow(
    /com\.example/,
  )
  const garbage = join(folder, 'garbage.onnx')
  writeFileSync(garbage, 'no model')
  await expect(reference.infer(garbage, ONES)).rejects.toThrow('is not an ONNX model')
})

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'))
  } catch {
    return false
  }
}

/** User and system time so far, in ticks, usually of 10 ms. */
function cpuTicks(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  const [user, system] = stat
    .slice(stat.lastIndexOf(')') + 2)
    .split(' ')
    .slice(11)
  return Number(user) + Number(system)
}
