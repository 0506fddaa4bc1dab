import { z } from 'zod'
import type { TrackDefinition } from './define.ts'
import { findFiles, nameOf, readInputs } from './models.ts'

const params = z.object({
  workload: z
    .array(z.string().min(1))
    .describe('files that are no ONNX models, such as circuits, by path or glob')
    .default([]),
  input: z
    .array(z.string().min(1))
    .describe('input files, one for all workloads or one for each')
    .default([]),
})

/** Any files that are no ONNX models: only the prover knows what is in them. */
export const workloadsTrack = {
  name: 'workloads',
  params,
  empty: 'no workload given: --workload FILE, or tracks.workloads.workload in the config',
  async points({ workload, input }, { root }) {
    const files = await findFiles('workload', workload, root)
    const inputOf = readInputs(input, files.length, 'workloads', root)
    return files.map((file, i) => {
      const id = nameOf(file, files)
      return { id, params: { workload: id }, workload: file, input: inputOf(i) }
    })
  },
} satisfies TrackDefinition<typeof params>
