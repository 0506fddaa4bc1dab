import { xoroshiro128plusFromState } from 'pure-rand/generator/xoroshiro128plus'

/** A source of random numbers: the same seed gives the same numbers on every machine. */
export interface Random {
  /** A multiple of 2^-23 in [-1, 1), uniformly distributed, exact as a float32. */
  nextUniform: () => number
}

/**
 * xoroshiro128+ of pure-rand.
 * @param seed a safe integer of at least 0
 * @param stream each stream of a seed gives independent numbers
 */
export function makeRandom(seed: number, stream = 0): Random {
  const low = seed | 0
  const high = Math.floor(seed / 2 ** 32) | 0
  const generator = xoroshiro128plusFromState([~stream, ~low, low, high])
  // The first numbers of similar seeds are alike, because the state starts with few bits set.
  for (let step = 0; step < WARM_UP_STEPS; step++) generator.next()
  return { nextUniform: () => (generator.next() >> 8) / 2 ** 23 }
}

const WARM_UP_STEPS = 64

/**
 * Weights of one layer, uniform in ±1/sqrt(fanIn) like PyTorch's defaults. Square root and division are exact to the
 * last bit by IEEE 754, so every machine gives the same result; sines and logarithms would not.
 */
export function drawWeights(random: Random, count: number, fanIn: number): Float32Array {
  return drawUniform(random, count, 1 / Math.sqrt(fanIn))
}

/** Numbers in [-bound, bound). */
export function drawUniform(random: Random, count: number, bound: number): Float32Array {
  const weights = new Float32Array(count)
  for (let index = 0; index < count; index++) weights[index] = random.nextUniform() * bound
  return weights
}
