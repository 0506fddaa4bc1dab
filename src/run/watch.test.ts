import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import {
  configOf,
  makeProject,
  readResults,
  startVitest,
  TOY,
  writeFiles,
} from '../../fixtures/make-project.ts'
import { runInTerminal } from '../../fixtures/terminal.ts'

const suite = (sides: string) => `import { defineTrack } from 'provemark'
import { generateCnn } from 'provemark/model'
import { z } from 'zod'

defineTrack({
  name: 'mine',
  params: z.object({}),
  points: (_, { seed }) =>
    ${sides}.map((input_hw) => {
      const params = { depth: 1, input_hw, in_ch: 1, conv_out_ch: 2, fc_hidden: 4, n_actions: 2, seed }
      return { id: \`mine_h\${input_hw}\`, params, model: () => generateCnn(params) }
    }),
})
`
const FILES = {
  'vitest.config.ts': configOf(`{ iterations: 1, provers: ['${TOY}'] }`),
  'bench/mine.bench.ts': suite('[6]'),
}
const RESULTS = 'benchmarking/mine.jsonl'

test('a change is measured as a run of its own, a mistake is told, and Ctrl+C ends it all', async () => {
  const dir = await makeProject(FILES)
  const run = startVitest(dir, ['bench', '--watch', 'mine'])
  let output = ''
  run.all!.on('data', (chunk: Buffer) => (output += String(chunk)))
  const waits = async (times: number) => {
    while (
      output.split('Waiting for file changes').length + output.split('Watching for file changes').length - 2 <
      times
    )
      await sleep(50)
  }
  await waits(1)
  await writeFiles(dir, { 'bench/mine.bench.ts': suite('[7, 8]') })
  await waits(2)
  await writeFiles(dir, { 'bench/mine.bench.ts': suite('[7, 8').replace('.map', '].map(') })
  await waits(3)
  expect(output).toContain('CONFIG_INVALID')
  await writeFiles(dir, { 'bench/mine.bench.ts': suite('[9]') })
  await waits(4)
  expect(output).toMatch(/mine_h9 · track mine/)
  run.kill('SIGINT')
  expect((await run).exitCode).toBe(130)
  const rows = await readResults(dir, RESULTS)
  const runs = [...Map.groupBy(rows, ({ run_id }) => run_id).values()]
  expect(runs.map((own) => [...new Set(own.map(({ point }) => point))])).toEqual([
    ['mine_h6'],
    ['mine_h7', 'mine_h8'],
    ['mine_h9'],
  ])
  expect(rows.every(({ iteration, status }) => iteration === 1 && status === 'ok')).toBe(true)
})

test('q in a terminal ends the watch; without --watch the run ends by itself', async () => {
  const dir = await makeProject(FILES)
  const { exitCode } = await runInTerminal(`vitest bench --watch --root ${dir} -- --no-lock`, {
    onFrame: async (frame, terminal) => {
      if (frame.includes('press q to quit')) terminal.type('q')
    },
  })
  expect(exitCode).toBe(0)
  expect(await readResults(dir, RESULTS)).toHaveLength(4)
  const once = await runInTerminal(`vitest bench --root ${dir} -- --no-lock`)
  expect(once.exitCode).toBe(0)
  expect(await readResults(dir, RESULTS)).toHaveLength(8)
})
