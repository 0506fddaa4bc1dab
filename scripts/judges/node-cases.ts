import { runJudge } from './judge.ts'

/** A node case of the ONNX package, as prove_nodes.py reports it. */
export interface NodeCase {
  name: string
  operator: string
  /** The body of the operator's function is written out. */
  expanded: boolean
  verdict: 'proved' | 'wrong' | 'vague' | 'refused' | 'excluded' | 'failed'
  why?: string
}

/**
 * Puts the node cases to the embedded prover.
 * @param part every count-th case from this one
 */
export function judgeNodeCases(bin: string, part?: { first: number; count: number }): NodeCase[] {
  const args = part ? [String(part.first), String(part.count)] : []
  return JSON.parse(runJudge('prove_nodes.py', [bin, ...args])) as NodeCase[]
}

/** The section of docs/gnark.md between its markers. */
export function renderNodeCases(cases: readonly NodeCase[]): string {
  const meant = cases.filter(({ verdict }) => verdict !== 'excluded')
  const proved = meant.filter(({ verdict }) => verdict === 'proved')
  const share = (100 * proved.length) / meant.length
  const groups = Map.groupBy(meant, ({ operator }) => operator)
  const names = [...groups.keys()].toSorted()
  const isWhole = (name: string) => groups.get(name)!.every(({ verdict }) => verdict === 'proved')
  const rows = names.filter((name) => !isWhole(name)).map((name) => renderGroup(name, groups.get(name)!))
  const excluded = count(cases.filter(({ verdict }) => verdict === 'excluded').map(({ why = '' }) => why))
  return [
    `${cases.length} cases at opset 13 and newer have floats. Of the ${meant.length} that make sense in fixed point, ${proved.length} are proved (${share.toFixed(0)} %) and none is wrong.`,
    '',
    `All cases of these operators are proved: ${names.filter(isWhole).join(', ')}.`,
    '',
    '| operator | proved | the others |',
    '| --- | --- | --- |',
    ...rows,
    '',
    `The other ${cases.length - meant.length} cases make no sense in fixed point: ${excluded.map(([why, n]) => `${why} (${n})`).join('; ')}.`,
  ].join('\n')
}

function renderGroup(name: string, cases: readonly NodeCase[]): string {
  const others = cases.filter(({ verdict }) => verdict !== 'proved')
  const reasons = count(others.map(({ why = '' }) => shorten(why)))
  const shown = reasons.slice(0, 3).map(([why, n]) => `${why} (${n})`)
  const more = reasons.length > 3 ? ['others'] : []
  return `| ${name} | ${cases.length - others.length} of ${cases.length} | ${[...shown, ...more].join('; ')} |`
}

/** A reason without what differs from case to case. */
function shorten(why: string): string {
  if (why.startsWith('VAGUE')) return 'the tolerance is wider than 5 % of the outputs'
  const [, operator] = /^UNSUPPORTED_OPERATOR: operator (\S+)/.exec(why) ?? []
  if (operator) return `${operator} is not supported`
  const [words = ''] = why
    .replace(/^[A-Z_]+: /, '')
    .replace(/node "[^"]*" \((\w+)\)/, '$1')
    .replace(/^node "[^"]*" /, '')
    .replaceAll(/"[^"]*"/g, 'a value')
    .replaceAll(/ \[[\d ]*\]/g, '')
    .split(', expected')
  return words.replaceAll(/\d+(\.\d+)?(e[+-]?\d+)?/g, 'N').replaceAll('|', '/')
}

function count(words: readonly string[]): [string, number][] {
  const counts = Map.groupBy(words, (word) => word)
  return [...counts]
    .map(([word, all]): [string, number] => [word, all.length])
    .toSorted((a, b) => b[1] - a[1])
}
