import { ProvemarkError } from '../../errors.ts'
import { digestFile } from '../../file-digest.ts'
import type { Plan } from '../../plan/plan.ts'
import { digestModel } from '../../model/digest.ts'
import { getOrAdd } from '../../row/collections.ts'
import { readRowBatches } from '../../row/jsonl.ts'
import type { TrackWithPoints } from '../plan-tracks.ts'

/**
 * Compares the models and inputs that are files with those that the rows of a resumed run were measured on. What is
 * generated is compared when its point is reached.
 * @throws ProvemarkError PLAN_CHANGED with every file that is not what it was
 */
export async function checkFiles({ run_id }: Plan, tracks: readonly TrackWithPoints[]): Promise<void> {
  const changed = new Set<string>()
  for (const { planned, points } of tracks) {
    const files = new Map(points.map(({ id, model, input }) => [id, { model, input }]))
    const digests = new Map<string, Promise<string | undefined>>()
    const digestOf = (path: unknown, digest: (path: string) => Promise<string>) => {
      if (typeof path !== 'string') return undefined
      return getOrAdd(digests, path, () => digest(path).catch(() => undefined))
    }
    for await (const rows of readRowBatches(planned.results)) {
      for (const row of rows) {
        if (row.run_id !== run_id || row.track !== planned.name) continue
        const { model, input } = files.get(row.point ?? '') ?? {}
        for (const [path, then, digest] of [
          [model, row.model_sha256, digestModel],
          [input, row.input_sha256, digestFile],
        ] as const) {
          const now = await digestOf(path, digest)
          if (then && now && then !== now) changed.add(`${String(path)}: SHA-256 ${then} then, ${now} now`)
        }
      }
    }
  }
  if (!changed.size) return
  const lines = [...changed].map((line) => `  - ${line}`)
  throw new ProvemarkError('PLAN_CHANGED', `run ${run_id} was measured on other files\n${lines.join('\n')}`, {
    hint: 'put back the files that it had, or leave --resume away: a new run begins',
  })
}
