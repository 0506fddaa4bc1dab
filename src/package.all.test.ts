import { execa } from 'execa'
import { expect, test } from 'vitest'
import { makePackedProject } from '../fixtures/packed-project.ts'
import { readRowsOf } from '../fixtures/run-bench.ts'

const CONFIG = `
import { defineConfig } from 'vitest/config'
import { provemark } from 'provemark/plugin'

export default defineConfig({
  plugins: [provemark({ iterations: 1, tracks: { mine: { width: 3 } } })],
})
`

const SUITE = `
import { defineTrack } from 'provemark'
import { generateCnn } from 'provemark/model'
import { z } from 'zod'

defineTrack({
  name: 'mine',
  params: z.object({
    width: z.number().int().min(1).describe('channels').default(2),
    sides: z.array(z.number().int()).describe('input sides, pixels').default([6]),
  }),
  points: ({ width, sides }, { seed }) => [
    ...sides.map((input_hw) => {
      const params = { depth: 1, input_hw, in_ch: 1, conv_out_ch: width, fc_hidden: 4, n_actions: 2, seed }
      return { id: \`mine_h\${input_hw}\`, params, model: () => generateCnn(params) }
    }),
    { id: 'mine_file', params: { file: 'own' }, model: 'nets/own.onnx', input: 'nets/own.json' },
  ],
})
`

test(
  'a suite of a user runs from the packed package: its config section, its flags, real proofs',
  { timeout: 240_000 },
  async () => {
    const dir = await makePackedProject({ 'vitest.config.ts': CONFIG, 'bench/mine.bench.ts': SUITE })
    const bench = (...flags: string[]) =>
      execa('npx', ['vitest', 'bench', '--', ...flags], {
        cwd: dir,
        reject: false,
        all: true,
        stdin: 'ignore',
        env: { PROVEMARK_LOCK: 'off' },
      })

    const sizes = ['--input-hw', '6', '--in-ch', '1', '--conv-out-ch', '2', '--fc-hidden', '4']
    const files = ['-o', 'nets/own.onnx', '--input', 'nets/own.json']
    await execa('npx', ['provemark', 'generate', 'depth', ...sizes, ...files], { cwd: dir })
    const results = ['--results', 'rows.jsonl']
    const run = await bench(...results, '--sides', '6,8', '--tag', 'x')
    expect(run.all).toContain('mine_h8_x')
    expect(run.exitCode).toBe(0)
    const rows = await readRowsOf(dir)
    expect(rows.map(({ point, phase, status }) => `${point} ${phase} ${status}`)).toEqual(
      ['mine_h6_x', 'mine_h8_x', 'mine_file_x'].flatMap((id) =>
        ['compile', 'witness', 'prove', 'verify'].map((phase) => `${id} ${phase} ok`),
      ),
    )
    expect(rows[0]).toMatchObject({ track: 'mine', params: { conv_out_ch: 3 }, prover: { name: 'gnark' } })
    expect(rows[0]!.ecc!['totalCost']).toBeGreaterThan(0)

    const help = await bench('--help')
    expect(help.all).toContain('--width')
    const wrong = await bench('--width', 'wide')
    expect(wrong.all).toContain('--width: expected an integer of at least 1, given "wide"')
    expect(wrong.exitCode).toBe(2)
    const doctor = await execa('npx', ['provemark', 'doctor'], { cwd: dir, all: true })
    expect(doctor.all).toContain('gnark')
  },
)
