import { setTimeout as sleep } from 'node:timers/promises'
import { beforeAll, expect, test } from 'vitest'
import { buildActor } from '../../fixtures/processes/actor.ts'
import { readRowsOf, startBench, temporaryFolder } from '../../fixtures/run-bench.ts'
import { readChildren, readMemory } from '../system/proc.ts'

/** Output of the prover, MB; `npm run test:long` writes 10 GB. */
const FLOOD_MB = Number(process.env['PROVEMARK_TEST_FLOOD_MB'] ?? 200)
const TINY = ['--depth-max', '1', '--input-hw', '8', '--conv-out-ch', '2', '--fc-hidden', '4']

let actor: string
beforeAll(async () => {
  actor = await buildActor()
}, 300_000)

test.for([`pour:${FLOOD_MB}`, `pour:${FLOOD_MB}:endless`])(
  'a prover that prints without end takes no memory of ours: %s',
  { timeout: 1_200_000 },
  async (act) => {
    const dir = await temporaryFolder()
    const flags = [
      '--prover',
      `./fixtures/provers/toy.ts,act=${act},actor=${actor}`,
      ...TINY,
      '--iterations',
      '1',
    ]
    const bench = startBench(dir, ['depth'], flags)
    const peaksMb = new Map<number, number>()
    const state = { hasEnded: false }
    const end = bench.then(() => (state.hasEnded = true))
    while (!state.hasEnded) {
      for (const pid of [bench.pid!, ...readChildren(bench.pid!, true)]) {
        peaksMb.set(pid, readMemory(pid)?.hwmMb ?? peaksMb.get(pid) ?? 0)
      }
      await sleep(100)
    }
    await end
    const row = (await readRowsOf(dir)).find(({ phase }) => phase === 'prove')!
    // The stand-in proves nothing, but it ran to completion.
    expect(row).toMatchObject({ return_code: 0, error: { code: 'ARTIFACT_MISSING' } })
    expect(row.error!.tail!.length).toBeLessThan(10_000)
    expect(peaksMb.size).toBeGreaterThan(1)
    expect(Math.max(...peaksMb.values())).toBeLessThan(512)
  },
)
