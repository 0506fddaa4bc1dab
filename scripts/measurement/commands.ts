import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buildActor } from '../../fixtures/processes/actor.ts'

export interface Subject {
  /** What a reader should know of the command. */
  what: string
  command: string[]
  /** What it really holds at its peak, MB, if known. */
  holdsMb?: number
}

const SPIKE_MB = 256

/** Commands whose figures are known, or differ from tool to tool. */
export async function listSubjects(): Promise<Subject[]> {
  const actor = await buildActor()
  const mb = String(SPIKE_MB)
  const spin = 'const end = performance.now() + 300; while (performance.now() < end);'
  return [
    { what: 'nothing (`true`)', command: ['true'] },
    { what: 'a wait (`sleep 0.2`)', command: ['sleep', '0.2'] },
    { what: 'Node, busy for 0.3 s', command: [process.execPath, '-e', spin] },
    { what: `a spike of ${mb} MB`, command: [actor, 'spike', mb], holdsMb: SPIKE_MB },
    { what: 'the same in 4 threads', command: [actor, 'threads', mb, '4'], holdsMb: SPIKE_MB },
    { what: 'the same in a grandchild', command: [actor, 'grandchild', mb], holdsMb: SPIKE_MB },
    { what: 'the same after a double fork', command: [actor, 'double-fork', mb], holdsMb: SPIKE_MB },
    { what: `two processes, half of ${mb} MB each`, command: [actor, 'pair', mb], holdsMb: SPIKE_MB },
    {
      what: 'a file of 200 MB, written and removed',
      command: [actor, 'file', '200', join(tmpdir(), `provemark-compare-${process.pid}`)],
    },
  ]
}
