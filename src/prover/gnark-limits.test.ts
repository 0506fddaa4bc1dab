import { expect, test } from 'vitest'
import { runJudge } from '../../scripts/judges/judge.ts'
import { judgeNodeCases } from '../../scripts/judges/node-cases.ts'
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
