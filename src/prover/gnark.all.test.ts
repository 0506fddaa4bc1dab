import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { judgeNodeCases, renderNodeCases } from '../../scripts/judges/node-cases.ts'
import { gnark } from './gnark.ts'

/** Some 1,500 circuits. */
const MINUTES = { timeout: 1_800_000 }

test(
  'node cases of the ONNX package: 60 % of those that mean something are proved, none is wrong, and the docs say so',
  MINUTES,
  async () => {
    const { bin } = await gnark.locate({})
    const cases = judgeNodeCases(bin)
    const named = (verdict: string) => cases.filter((one) => one.verdict === verdict).map(({ name }) => name)
    expect(named('wrong')).toEqual([])
    expect(named('failed')).toEqual([])
    const meant = cases.length - named('excluded').length
    expect(named('proved').length / meant).toBeGreaterThanOrEqual(0.6)
    expect(readFileSync('docs/gnark.md', 'utf8')).toContain(renderNodeCases(cases))
  },
)
