import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { runJudge } from '../../scripts/judges/judge.ts'
import { gnark } from '../prover/gnark.ts'
import { readHeaders } from './file.ts'
import { inferShapes } from './shapes.ts'

/** Some 1,800 models. */
const SLOW = { timeout: 120_000 }

const folder = mkdtempSync(join(tmpdir(), 'provemark-shapes-'))
afterAll(() => rmSync(folder, { recursive: true }))

interface NodeCase {
  path: string
  operator: string
  outputs: Record<string, number[]>
}

test(
  'shapes of the cases of the ONNX package are right or unknown, and known for what gnark proves',
  SLOW,
  async () => {
    const cases = JSON.parse(runJudge('make_node_cases.py', [folder])) as NodeCase[]
    const judged = cases.flatMap(({ path, operator, outputs }) => {
      const shapes = inferShapes(readHeaders(path).model)
      return Object.entries(outputs).map(([name, expected]) => {
        const shape = shapes.get(name)
        const verdict = !shape ? 'unknown' : `${shape}` === `${expected}` ? 'right' : 'wrong'
        return { path, operator, name, verdict, expected, shape }
      })
    })
    expect(judged.filter(({ verdict }) => verdict === 'wrong')).toEqual([])
    const right = judged.filter(({ verdict }) => verdict === 'right')
    expect(right.length).toBeGreaterThan(1300)
    const known = new Set(right.map(({ operator }) => operator))
    const { operators } = await gnark.locate({})
    // The shapes of the first two depend on values, and the others have no case with sides above 0.
    const open = new Set(['Compress', 'NonZero', 'GlobalLpPool', 'CastLike'])
    expect(operators?.filter((operator) => !known.has(operator) && !open.has(operator))).toEqual([])
  },
)
