import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { makeRandom } from '../model/random.ts'
import { pathsOfProcess } from '../point/artifacts.ts'
import { runPhaseProcess } from '../point/phase-process.ts'
import type { PointJob } from '../point/point.ts'
import { phasesOf, type Prover } from '../prover/contract.ts'
import { PHASES } from '../row/phases.ts'
import type { Phase } from '../row/schema.ts'
import { judge, notApplicable, type Check } from './run-checks.ts'
import type { HonestRun } from './subject.ts'

const DAMAGES: Record<string, (bytes: Buffer) => Uint8Array> = {
  empty: () => Buffer.alloc(0),
  'cut in half': (bytes) => bytes.subarray(0, bytes.length / 2),
  'of another kind': () => Buffer.from('neither a model nor an input\n'),
}

/** The phase that computes with the file: compile may read an input merely to calibrate. */
const READERS = { model: 'compile', workload: 'compile', input: 'witness' } as const

/** A damaged file is refused with an error: it is not accepted, and causes no crash or endless loop either. */
export async function checkBadFile(
  job: PointJob,
  { files, dir }: HonestRun,
  kind: 'model' | 'input',
): Promise<Check> {
  const what = `a bad ${kind} is refused with an error`
  if (!files || !dir) return judge(what, ['no phase ran'])
  const file = kind === 'model' && !files['model'] ? 'workload' : kind
  if (!files[file]) return notApplicable(what, `the point has no ${kind}`)
  const readers = phasesOf(job.prover).filter((own) => job.prover.phases[own]!.reads.includes(file))
  const phase = readers.find((own) => own === READERS[file]) ?? readers[0]
  if (!phase) return notApplicable(what, `the prover reads no ${file}`)
  const faults: string[] = []
  for (const [damage, change] of Object.entries(DAMAGES)) {
    const folder = join(dir, `bad-${file}-${damage.replaceAll(' ', '-')}`)
    await mkdir(folder, { recursive: true })
    const bad = join(folder, basename(files[file]!))
    await writeFile(bad, change(await readFile(files[file]!)))
    const own = { ...files, [file]: bad, ...pathsOfProcess(job.prover, phase, folder) }
    const how = await describeAcceptance(job, phase, own, folder)
    if (how) faults.push(`${phase} with a damaged ${file} (${damage}) ${how}`)
  }
  return judge(what, faults)
}

/** How a phase failed to refuse its files; undefined if it refused them. */
async function describeAcceptance(
  job: PointJob,
  phase: Phase,
  files: Record<string, string>,
  dir: string,
): Promise<string | undefined> {
  const { signal } = new AbortController()
  const { outcome } = await runPhaseProcess(job, { phase, iteration: 1, files, dir, signal })
  if (outcome.status === 'ok') return 'succeeded'
  if (outcome.signal) return `was ended by ${outcome.signal}`
  return outcome.status === 'failed' && outcome.return_code !== null
    ? undefined
    : `ended as ${outcome.status}`
}

const OUTPUTS = 200
const LONGEST = 40
const SEED = 7

/**
 * What outputs contain besides the prover's own counters: colours, truncated escapes, separators, incomplete JSON.
 */
const PIECES = [
  '=',
  ': ',
  ' ',
  '\n',
  '\r',
  ',',
  '.',
  '{"',
  '"}',
  '\u001B[36m',
  '\u001B[',
  '\u0000',
  '-1',
  '1e999',
  'NaN',
]

/** The reader must not throw, whatever is printed. */
export async function checkParsing(prover: Prover): Promise<Check> {
  const random = makeRandom(SEED, 0)
  const words = [...PIECES, ...(prover.counters ?? []), '12,345', '0x1f', 'seconds']
  const pick = (count: number) => Math.floor(((random.nextUniform() + 1) / 2) * count)
  const faults = new Set<string>()
  for (let i = 0; i < OUTPUTS; i++) {
    const output = Array.from({ length: pick(LONGEST) }, () => words[pick(words.length)]).join('')
    try {
      await prover.read(output, PHASES[i % PHASES.length]!, {})
    } catch (error) {
      faults.add(`its reader threw: ${error instanceof Error ? error.message : String(error)}`)
    }
  }
  return judge('no output breaks its reader', [...faults])
}
