import { fileURLToPath } from 'node:url'
import { moduleUrl } from '../lib/own-package.ts'
import type { Phase } from '../row/schema.ts'
import type { Command, CommandPhase, PhaseContext, PhaseReport, Prover, RunResult } from './contract.ts'

/** What `in-process.ts` needs to run one phase; plain data, passed as JSON. */
export interface InProcessJob {
  /** Path of the module that exports the prover. */
  source: string
  /** Folder that a relative module path starts from. */
  root: string
  phase: Phase
  context: PhaseContext
}

/** What `in-process.ts` needs to serve the calls of a warm prover. */
export interface WarmJob extends Pick<InProcessJob, 'source' | 'root'> {
  /** Path of the socket that it connects to when it is ready; both sides write one JSON value per line. */
  socket: string
}

export type WarmCall = Pick<InProcessJob, 'phase' | 'context'>

export type WarmAnswer = { timeS: number; isRejected: boolean; report: PhaseReport } | { threw: string }

/** A Node process that imports a prover's module, and runs one phase or answers calls. */
export function nodeCommand(job: InProcessJob | WarmJob): Command {
  return { file: process.execPath, args: [...flagsFor(job.source), RUNNER, JSON.stringify(job)] }
}

/** The command of a phase: the prover's own, or a Node process that runs its function. */
export function commandOf(
  prover: Prover,
  phase: Phase,
  context: PhaseContext,
  from: Pick<InProcessJob, 'source' | 'root'>,
): Command {
  const spec = prover.phases[phase]!
  if ('command' in spec && spec.command) return spec.command(context)
  if ('request' in spec) throw new Error(`${phase} of ${prover.name} is a request, no command`)
  return nodeCommand({ ...from, phase, context })
}

/**
 * A phase of a program that takes each file by a flag, and reads those that it does not write.
 * @param words subcommand of the program
 * @param flags files by flag, in the order of the command line
 * @param more what follows the files
 */
export function phaseByFlags(
  words: readonly string[],
  writes: readonly string[],
  flags: Readonly<Record<string, string>>,
  more: (context: PhaseContext) => readonly string[] = () => [],
): CommandPhase {
  return {
    reads: Object.values(flags).filter((file) => !writes.includes(file)),
    writes,
    command: (context) => {
      const named = Object.entries(flags).flatMap(([flag, file]) => [flag, context.files[file]!])
      return { file: context.located.bin, args: [...words, ...named, ...more(context)] }
    },
  }
}

/** The flag of a file is its name. */
export function longFlags(...files: string[]): Record<string, string> {
  return Object.fromEntries(files.map((file) => [`--${file}`, file]))
}

/** The flag of a file is its first letter. */
export function shortFlags(...files: string[]): Record<string, string> {
  return Object.fromEntries(files.map((file) => [`-${file[0]}`, file]))
}

/** The lines of a prover's output that must be kept, including reports of in-process phases. */
export function linesToKeep({ keep = [], phases }: Prover): RegExp[] {
  const isInProcess = Object.values(phases).some((spec) => 'run' in spec)
  return [keep, isInProcess ? REPORT_LINE : []].flat()
}

const RUNNER = fileURLToPath(moduleUrl('prover/in-process'))

/** Node before 22.18 needs a flag to load TypeScript; any other loader would be measured with the phase. */
function flagsFor(source: string): string[] {
  if (process.features.typescript || !/\.[cm]?ts$/.test(source)) return []
  return ['--experimental-strip-types', '--disable-warning=ExperimentalWarning']
}

const MARK = 'provemark:report'

/** Lines with a report, for a prover's `keep`. */
export const REPORT_LINE = /^provemark:report \{/

/** The report of an in-process phase, as the line of its output that carries it to the harness. */
export function formatReport(report: PhaseReport): string {
  return `\n${MARK} ${JSON.stringify(report)}\n`
}

/** The last report in an output; empty if there is none. */
export function parseReport(output: string): PhaseReport {
  const line = output.split(/[\r\n]/).findLast((candidate) => candidate.startsWith(`${MARK} {`))
  if (!line) return {}
  try {
    return JSON.parse(line.slice(MARK.length)) as PhaseReport
  } catch {
    return {}
  }
}

/** The report in what an in-process phase returned. */
export function reportOf(result: RunResult): PhaseReport {
  return typeof result === 'object' ? result : {}
}
