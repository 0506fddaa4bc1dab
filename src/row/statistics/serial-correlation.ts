import jStat from 'jstat'
import { rankWithTies } from './ranks.ts'

export interface SerialCorrelation {
  /** Correlation of the ranks of neighbours, about -1 .. 1; 0 for independent samples. */
  lag1: number
  /** Two-sided p of it where the samples are independent. */
  p: number
}

/**
 * Bartels' rank version of von Neumann's ratio test (JASA 77, 1982): whether each sample follows its neighbour.
 * For any distribution; the normal approximation holds from n = 10, so null below. All samples equal give p = 1.
 */
export function testSerialCorrelation(samples: readonly number[]): SerialCorrelation | null {
  const n = samples.length
  if (n < 10) return null
  const { ranks } = rankWithTies(samples)
  const centre = (n + 1) / 2
  let spread = 0
  let steps = 0
  ranks.forEach((rank, i) => {
    spread += (rank - centre) ** 2
    if (i > 0) steps += (rank - (ranks[i - 1] as number)) ** 2
  })
  if (spread === 0) return { lag1: 0, p: 1 }
  const ratio = steps / spread // 2 where neighbours are independent, 0 where they are equal
  const variance = (4 * (n - 2) * (5 * n * n - 2 * n - 9)) / (5 * n * (n + 1) * (n - 1) ** 2)
  const z = Math.abs(ratio - 2) / Math.sqrt(variance)
  return { lag1: 1 - ratio / 2, p: 2 * jStat.normal.cdf(-z, 0, 1) }
}
