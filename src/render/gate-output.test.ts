import stringWidth from 'fast-string-width'
import { expect, test } from 'vitest'
import { judgeRows } from '../../fixtures/judge-rows.ts'
import { renderGate } from './gate-output.ts'

const report = judgeRows({
  now: { slower: { prove: 1.02 }, depths: [1, 2, 3] },
  budgets: ['time_s=+10%', 'mem_mb=+1%', 'ecc.totalCost=0%'],
})

test.each([60, 80, 120, 200])(
  'reasons and notes break between words at %i columns, and not in a file',
  (columns) => {
    for (const unicode of [true, false]) {
      const style = { width: columns, unicode, color: false }
      const lines = renderGate(report, { ...style, columns }).split('\n')
      expect(Math.max(...lines.map((line) => stringWidth(line)))).toBeLessThanOrEqual(columns)
      const whole = renderGate(report, style).split('\n')
      const reasons = whole.slice(whole.findLastIndex((line) => /^[└+]/.test(line)) + 1).join('\n')
      expect(reasons).toMatch(/^.{100}/)
      const wrapped = lines.join('\n').replaceAll('\n  ', ' ')
      expect(wrapped.slice(-reasons.length)).toBe(reasons)
    }
  },
)
