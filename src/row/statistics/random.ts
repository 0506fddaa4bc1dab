import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64'
import { uniformInt } from 'pure-rand/distribution/uniformInt'
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus'

/** A seeded source of indices 0 .. n - 1, the same from run to run and on every machine. */
export function createIndexSource(seed: number): (n: number) => number {
  const generator = xoroshiro128plus(seed)
  return (n) => uniformInt(generator, 0, n - 1)
}

/** A seeded source of uniform numbers in [0, 1), for the self-tests of the statistics. */
export function drawUniform(seed: number): () => number {
  const generator = xoroshiro128plus(seed)
  return () => uniformFloat64(generator)
}

/** Log-normal numbers with median 1: right-skewed, as times are. `spread` is the sd of the logarithm. */
export function drawLogNormal(spread: number, seed: number): () => number {
  const uniform = drawUniform(seed)
  return () => {
    const normal = Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform())
    return Math.exp(spread * normal)
  }
}
