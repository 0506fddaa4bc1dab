import { defineTrack } from 'provemark'
import { z } from 'zod'

defineTrack({
  name: 'layers',
  params: z.object({
    sizes: z.array(z.number().int().min(1)).describe('inputs and outputs of each layer').default([8]),
  }),
  points: ({ sizes }) =>
    sizes.map((size) => ({
      id: `dense${size}`,
      params: { size },
      input: Array.from({ length: size }, (_, i) => i + 1),
    })),
})
