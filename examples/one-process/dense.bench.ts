import { defineTrack } from 'provemark'
import { z } from 'zod'

/** Parameters alone: the program makes its own layer. */
defineTrack({
  name: 'dense',
  params: z.object({ width: z.array(z.number().int().min(1)).default([32, 64]) }),
  points: ({ width }) => width.map((own) => ({ id: `dense${own}`, params: { width: own } })),
})
