import { createWriteStream } from 'node:fs'
import { once } from 'node:events'
import { makeSweepRows } from '../../fixtures/sweep-rows.ts'
import type { Row } from '../../src/row/schema.ts'

const RUNS = 10
/** Points of the sweeps, two provers each, and four phases. */
const ROWS_OF_AN_ITERATION = 10 * 2 * 4
const BLOCK = 2 ** 20

/** Writes `count` rows of ten runs over ten points and two provers, with commands, folders and controls as a run writes them. */
export async function writeRows(path: string, count: number): Promise<void> {
  const iterations = Math.ceil(count / RUNS / ROWS_OF_AN_ITERATION)
  const out = createWriteStream(path)
  let block = ''
  let written = 0
  for (const row of makeSweepRows({ runs: RUNS, iterations, provers: ['gnark', 'ezkl'] })) {
    if (written++ === count) break
    block += `${JSON.stringify({ ...row, ...describeCommand(row), ...describeControls(row) })}\n`
    if (block.length < BLOCK) continue
    if (!out.write(block)) await once(out, 'drain')
    block = ''
  }
  out.end(block)
  await once(out, 'close')
}

function describeControls({ phase }: Row): Pick<Row, 'controls'> {
  return phase === 'verify' ? { controls: { proof: 'rejected', output: 'rejected' } } : {}
}

function describeCommand({ phase, run_id, point, iteration }: Row): Pick<Row, 'cmd' | 'tmpdir'> {
  const tmpdir = `/tmp/provemark/${run_id}/${point}/${iteration}`
  const circuit = `${tmpdir}/circuit.bin`
  return { tmpdir, cmd: ['/home/user/.cache/provemark/bin/prover', phase, '--circuit', circuit] }
}
