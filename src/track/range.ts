import { ProvemarkError } from '../errors.ts'

/** Refuses a first that lies behind the last: `requireOrder({ depth_min, depth_max })`. */
export function requireOrder(bounds: Record<string, number>): void {
  const [[first, low], [last, high]] = Object.entries(bounds) as [[string, number], [string, number]]
  if (low <= high) return
  throw new ProvemarkError('CONFIG_INVALID', `${first} is ${low}, above ${last}, which is ${high}`, {
    hint: `give a ${first} of at most ${high}, or a larger ${last}`,
  })
}
