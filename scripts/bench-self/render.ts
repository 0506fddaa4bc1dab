import type { Benchmark, Comparison, Growth, GrowthStep } from './benchmark.ts'
import { median } from 'simple-statistics'
import { growthOf, judge } from './verdict.ts'

export const COMPARISON_HEAD = [
  '| what | provemark | compared with | its figure | ratio or difference | target | met |',
  '| --- | ---: | --- | ---: | ---: | ---: | --- |',
]

export function renderComparison({ what, against }: Benchmark, comparison: Comparison): string {
  const { unit, ours, other, by, limit } = comparison
  const { value, met } = judge(comparison)
  const cells = [
    `${what}: ${comparison.what}`,
    `${digits(median(ours))} ${unit}`,
    other ? against : '—',
    other ? `${digits(median(other))} ${unit}` : '—',
    renderValue(by, value, unit),
    `at most ${renderValue(by, limit, unit)}`,
    met ? 'yes' : '**no**',
  ]
  return `| ${cells.join(' | ')} |`
}

export function renderMissing({ what, against }: Benchmark, why: string): string {
  return `| ${what} | — | ${against} | — | — | — | not measured: ${why} |`
}

/** The commands of both sides and the number of pairs. */
export function renderCommands({ name }: Benchmark, { what, commands, ours }: Comparison): string {
  const other = commands.other ? ` against \`${commands.other}\`` : ''
  return `- ${name}, ${what} (n = ${ours.length}): \`${commands.ours}\`${other}`
}

export function renderGrowth({ what, counted }: Growth, steps: readonly GrowthStep[]): string[] {
  const hasMemory = steps.some(({ memMb }) => memMb !== undefined)
  const exponents = (['timeS', 'memMb'] as const).flatMap((figure) => {
    const grown = growthOf(steps, figure)
    const name = figure === 'timeS' ? 'time' : 'memory'
    return grown
      ? [
          `${name} grows with exponent ${grown.value.toFixed(2)}${grown.met ? '' : ' (**worse than linear**)'}`,
        ]
      : []
  })
  return [
    `### ${what}`,
    '',
    `| ${counted} | time (s) |${hasMemory ? ' peak memory (MB) |' : ''}`,
    `| ---: | ---: |${hasMemory ? ' ---: |' : ''}`,
    ...steps.map(
      ({ size, timeS, memMb }) =>
        `| ${size.toLocaleString('en')} | ${digits(timeS)} |${memMb === undefined ? '' : ` ${memMb.toFixed(0)} |`}`,
    ),
    '',
    `In the last step, ${exponents.join(' and ')}.`,
  ]
}

function renderValue(by: Comparison['by'], value: number, unit: string): string {
  if (by.endsWith('ratio')) return `${digits(value)} ×`
  return `${by === 'difference' && value > 0 ? '+ ' : ''}${digits(value)} ${unit}`
}

function digits(value: number): string {
  return Number(value.toPrecision(3)).toLocaleString('en', { maximumSignificantDigits: 3 })
}
