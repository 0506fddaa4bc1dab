import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { runBench, temporaryFolder } from '../../fixtures/run-bench.ts'
import { runJudge } from '../../scripts/judges/judge.ts'
import { judgeNodeCases } from '../../scripts/judges/node-cases.ts'
import { generateMlp } from '../model/generate/networks.ts'
import { generateOperator, type OperatorName } from '../model/generate/operators.ts'
import { generateTransformer } from '../model/generate/transformer.ts'
import { measureWorkload } from '../model/workload.ts'
import { writeModel } from '../model/write.ts'
import { gnark } from './gnark.ts'

interface JudgedGraph {
  seed: number
  operators: string[]
  /** Largest difference from onnxruntime's output, and the largest that quantisation explains. */
  error?: number
  tolerance?: number
  refused?: string
}

test('the located program lists the operators that it proves', async () => {
  const { operators } = await gnark.locate({})
  expect(operators).toContain('Conv')
  expect(operators).not.toContain('Loop')
  expect(operators).toEqual([...operators!].toSorted())
})

test('random graphs are proved, and the outputs are what onnxruntime gives', async () => {
  const { bin } = await gnark.locate({})
  const graphs = JSON.parse(runJudge('prove_graphs.py', [bin, '0', '12'])) as JudgedGraph[]
  expect(graphs).toHaveLength(12)
  for (const graph of graphs) {
    expect(graph).not.toHaveProperty('refused')
    expect(graph.error, `seed ${graph.seed}: ${graph.operators.join(', ')}`).toBeLessThanOrEqual(
      graph.tolerance!,
    )
  }
})

test('of some of the node cases of the ONNX package most are proved and none is wrong', async () => {
  const { bin } = await gnark.locate({})
  const verdicts = judgeNodeCases(bin, { first: 3, count: 80 }).map(({ verdict }) => verdict)
  expect(verdicts.length).toBeGreaterThan(15)
  expect(verdicts).not.toContain('wrong')
  expect(verdicts).not.toContain('failed')
  const meant = verdicts.filter((verdict) => verdict !== 'excluded')
  expect(meant.filter((verdict) => verdict === 'proved').length).toBeGreaterThan(meant.length / 2)
})

/** A line of the table of operators in docs/gnark.md: constraints at 32, 128 and 512 values, and the fit of these. */
interface OperatorCost {
  op: OperatorName
  constraints: number[]
  fit: number[]
  isExact: boolean
}

const SIZES = [32, 128, 512]

function readOperatorCosts(): OperatorCost[] {
  const section = readFileSync('docs/gnark.md', 'utf8')
    .split('### What an operator costs')[1]!
    .split('###')[0]!
  const lines = section.split('\n').filter((line) => /^\| [A-Z]/.test(line))
  return lines.flatMap((line) => {
    const [names, ...cells] = line
      .split('|')
      .slice(1)
      .map((cell) => cell.trim())
    const numbers = cells.slice(0, 6).map((cell) => Number(cell.replaceAll(/[,≈ ]/g, '')))
    const rest = { constraints: numbers.slice(0, 3), fit: numbers.slice(3), isExact: !line.includes('≈') }
    return names!.split(', ').map((op) => ({ op: op as OperatorName, ...rest }))
  })
}

test('the docs say what each operator costs by size, and of which gadgets that consists', async () => {
  const { bin } = await gnark.locate({})
  const dir = await temporaryFolder()
  const costs = readOperatorCosts()
  expect(costs.length).toBeGreaterThan(14)
  for (const { op, constraints, fit, isExact } of costs) {
    const counted = SIZES.map((size) => {
      const { path } = writeModel(join(dir, `${op}_${size}.onnx`), generateOperator(op, size, 42))
      const output = execFileSync(bin, ['check', '--model', path], { encoding: 'utf8' })
      return Number(/numConstraints=(\d+)/.exec(output)![1])
    })
    expect(counted, `constraints of ${op}`).toEqual(constraints)
    const [once, perValue, perRow] = fit as [number, number, number]
    const fitted = SIZES.map((size) => once + perValue * size + perRow * rowsOf(size))
    for (const [i, value] of fitted.entries())
      expect(Math.abs(value - counted[i]!), `fit of ${op}`).toBeLessThanOrEqual(
        isExact ? 0 : 0.01 * counted[i]!,
      )
  }
})

/** Rows of a matrix with twice as many columns. */
const rowsOf = (size: number) => Math.sqrt(size / 2)

test('a network so deep that its bounds overflow is proved, and its output is that of the float model', async () => {
  const dir = await temporaryFolder()
  const { bin } = await gnark.locate({})
  const shape = { layers: 32, width: 16, activation: 'relu', seed: 42 } as const
  const { path } = writeModel(join(dir, 'deep.onnx'), generateMlp(shape))
  const output = execFileSync(bin, ['check', '--model', path], { encoding: 'utf8' })
  expect(output).toMatch(/^note: worst-case bounds grow beyond/m)
  const flags = ['--layers', '32', '--width', '16', '--iterations', '1', '--inputs', '3']
  const { rows, exitCode } = await runBench(dir, ['mlp'], flags)
  const verify = rows.find(({ phase }) => phase === 'verify')!
  expect(verify).toMatchObject({ status: 'ok', accuracy: { inputs: 3, top1: 1 } })
  expect(verify.output_max_abs_error).toBeLessThanOrEqual(verify.output_tolerance!)
  expect(verify.accuracy!.max_error).toBeLessThan(0.01)
  expect(exitCode).toBe(0)
})

test.for(['operators', 'decomposed'] as const)(
  'nanoGPT of form %s is not refused on a machine of 4 GB, and its predicted memory is above what it takes',
  (form) => {
    const shape = { layers: 4, heads: 4, d_model: 64, seq_len: 64, vocab: 65, form, seed: 42 }
    const mb = gnark.predictPeakMb!(measureWorkload(generateTransformer(shape)), {})
    expect(mb).toBeGreaterThan(1.2 * 2017) // measured
    expect(mb).toBeLessThan(0.8 * 4096)
  },
)
