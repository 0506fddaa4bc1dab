import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { provemark } from '../../fixtures/gate-command.ts'
import { temporaryFolder } from '../../fixtures/run-bench.ts'
import { formatRow } from '../row/write.ts'
import type { Row } from '../row/schema.ts'

const ROW: Row = {
  phase: 'prove',
  iteration: 2,
  status: 'ok',
  run_id: 'then',
  track: 'depth',
  point: 'depth_d1_c1_p1_f1_r2',
  prover: { name: 'gnark' },
  settings: { scale_bits: 10 },
  made_of: {
    model: 'generated',
    input: 'generated',
    input_values: 'normal',
    seed: 7,
    track: { depth_max: 1 },
  },
}

/** What a rerun of these rows would run. */
async function planRerun(...rows: Row[]) {
  const dir = await temporaryFolder()
  await writeFile(join(dir, 'rows.jsonl'), rows.map((row) => formatRow(row)).join(''))
  return (await provemark(['rerun', 'rows.jsonl', '--dry-run'], {}, dir)).stderr
}

test('inputs are drawn from the same distribution, with the same seed', async () => {
  const planned = await planRerun(ROW)
  expect(planned).toContain('--seed 7 --input-values normal --prover gnark,scale_bits=10 --depth-max 1')
  expect(planned).not.toContain('--interleave')
})

test('the two provers of a comparison take turns again, even if they are the same', async () => {
  expect(await planRerun({ ...ROW, side: 'a' }, { ...ROW, side: 'b' })).toContain(
    "--interleave --budget 'time_s=+1000000%' --prover gnark,scale_bits=10 --prover gnark,scale_bits=10",
  )
})

test('turns of provers that a file cannot choose are not taken from it', async () => {
  const other = { ...ROW, prover: { name: 'other' } }
  const planned = await planRerun({ ...other, side: 'a' }, { ...other, side: 'b' })
  expect(planned).toContain('not taken from the file: the turns of its two provers')
  expect(planned).not.toContain('--interleave')
})
