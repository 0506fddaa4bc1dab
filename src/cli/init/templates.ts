interface Template {
  /** When to choose it. */
  description: string
  /** Sources of the bench files by track name: selecting a track selects its file. */
  benches: Readonly<Record<string, string>>
  /** Options of the plugin, as lines of source code. */
  config: (models: readonly string[]) => string[]
  /** Number of machines that share its points in CI. */
  shards: number
}

const use = (...tracks: string[]) =>
  Object.fromEntries(
    tracks.map((track) => [
      track,
      `import { ${['defineTrack', `${track}Track`].toSorted().join(', ')} } from 'provemark'\n\ndefineTrack(${track}Track)\n`,
    ]),
  )

const SUITE = `import { defineTrack } from 'provemark'
import { generateCnn } from 'provemark/model'
import { z } from 'zod'

// Your own family of models: its parameters are keys of the config below \`tracks.mine\`, and flags.
defineTrack({
  name: 'mine',
  params: z.object({
    sides: z.array(z.number().int().min(4)).describe('sides of the square inputs, pixels').default([8, 12, 16]),
  }),
  points: ({ sides }, { seed }) =>
    sides.map((input_hw) => {
      const params = { depth: 1, input_hw, in_ch: 1, conv_out_ch: 4, fc_hidden: 16, n_actions: 2, seed }
      return { id: \`mine_h\${input_hw}\`, params, model: () => generateCnn(params) }
    }),
})
`

export const TEMPLATES = {
  lenet: {
    description: 'LeNet with the embedded prover: real proofs in seconds',
    benches: use('lenet'),
    config: () => [],
    shards: 1,
  },
  sweep: {
    description: 'sweeps over depth and breadth of a convolutional network',
    benches: use('breadth', 'depth'),
    config: () => ['tracks: { depth: { depth_max: 3 }, breadth: { input_hw_list: [14, 20, 28] } },'],
    shards: 2,
  },
  models: {
    description: 'your own ONNX files',
    benches: use('models'),
    config: (models) => [`tracks: { models: { model: ${renderList(models)} } },`],
    shards: 2,
  },
  suite: {
    description: 'your own family of models, with its own parameters',
    benches: { mine: SUITE },
    config: () => ['tracks: { mine: { sides: [8, 12, 16] } },'],
    shards: 1,
  },
} as const satisfies Record<string, Template>

export type TemplateName = keyof typeof TEMPLATES

function renderList(texts: readonly string[]): string {
  return `[${texts.map((text) => `'${text.replaceAll(/['\\]/g, String.raw`\$&`)}'`).join(', ')}]`
}
