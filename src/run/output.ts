import { resolve } from 'node:path'
import { refusePlan } from '../config/problems.ts'
import type { Plan } from '../plan/plan.ts'
import type { Vitest } from 'vitest/node'
import { formatError } from '../errors.ts'

const GATE_FILES = ['gate_json', 'junit', 'markdown', 'bmf'] as const

/** With several projects, each writes its gate files below its own root, as it does with its rows. */
export function placeGateFiles(plan: Plan): Plan {
  const placed = GATE_FILES.flatMap((key) => {
    const file = plan.gate[key]
    return file === undefined ? [] : [[key, resolve(plan.root, file)] as const]
  })
  return { ...plan, gate: { ...plan.gate, ...Object.fromEntries(placed) } }
}

/**
 * Rejects files that one project would overwrite for another.
 * @returns warnings: results files in which the rows of two projects cannot be distinguished
 * @throws ProvemarkError CONFIG_INVALID
 */
export function checkOutputs(plans: readonly Plan[]): string[] {
  const files = plans.flatMap((plan) => [
    ...GATE_FILES.map((key) => ({ plan, where: `--${key.replace('_', '-')}`, file: plan.gate[key] })),
    { plan, where: '--report', file: plan.options.report },
  ])
  const clashes = files.filter(
    ({ plan, file }) =>
      file !== undefined && files.some((other) => other.plan !== plan && other.file === file),
  )
  if (clashes.length) {
    throw refusePlan(
      clashes.map(({ where, file }) => ({
        where,
        expected: 'a file for each project',
        given: file!,
        hint: "a relative path starts at each project's root",
      })),
    )
  }
  const points = plans.flatMap(({ project, tracks }) =>
    tracks.flatMap((track) => track.points.map(({ id }) => ({ project, id, file: track.results }))),
  )
  const isShared = (own: typeof points) => new Set(own.map(({ project }) => project)).size > 1
  const byPlace = Map.groupBy(points, ({ file, id }) => `${file}\0${id}`)
  const shared = Map.groupBy([...byPlace.values()].filter(isShared).flat(), ({ file }) => file)
  return Array.from(shared, ([file, own]) => {
    const projects = [...new Set(own.map(({ project }) => project))].join(' and ')
    return `warning: projects ${projects} add rows of the same points to ${file}: give each a tag or a results file of its own to tell them apart`
  })
}

/** Reporters that always print a document; others do so if their option `stdout` says so. */
const DOCUMENTS = new Set(['tap', 'tap-flat'])

export interface PrintOptions {
  /** Prints even under `--silent`. */
  always?: boolean
}

/**
 * Prints for people: normally above Vitest's own output, but on stderr if a reporter prints a document to stdout. With
 * `--silent`, only prints what is marked `always`: findings and errors.
 */
export function printForPeople(vitest: Vitest, text: string, { always = false }: PrintOptions): void {
  if (vitest.config.silent === true && !always) return
  if (printsDocument(vitest.config)) process.stderr.write(`${text}\n`)
  else vitest.logger.log(text)
}

/** A document on stdout must not be mixed with other output. */
function printsDocument({ reporters }: Vitest['config']): boolean {
  return reporters.some((reporter) => {
    const [name, options] = Array.isArray(reporter) ? reporter : [reporter, {}]
    return DOCUMENTS.has(String(name)) || (options as { stdout?: boolean } | undefined)?.stdout === true
  })
}

/** Whether a person is watching who benefits from a live line: not in CI, and not with --silent. */
export function isWatched({ silent, isMerge }: { silent: boolean; isMerge: boolean }): boolean {
  const { CI, TERM } = process.env
  const isCi = CI && CI !== 'false' && CI !== '0'
  return process.stdout.isTTY && !isCi && !silent && !isMerge && TERM !== 'dumb'
}

/** Exit codes by priority: a signal outranks a failure, which outranks nothing to judge. */
const ORDER = [0, 2, 1]

/** Sets the exit code unless a worse one is already set. */
export function raiseExitCode(code: number): void {
  const current = Number(process.exitCode ?? 0)
  if (rank(code) > rank(current)) process.exitCode = code
}

function rank(code: number): number {
  const known = ORDER.indexOf(code)
  return known < 0 ? ORDER.length : known
}

/**
 * Ends a run that cannot continue: prints the error, stops the running phase and sets exit code 2. Does not wait for
 * the end, since the worker waits for the reporter that calls this.
 */
export function abortRun(vitest: Vitest, error: unknown): void {
  vitest.logger.error(`\n${formatError(error)}\n  the run ends here`)
  // Vitest sets 1 for tests that did not finish.
  process.once('exit', () => {
    process.exitCode = 2
  })
  void vitest.cancelCurrentRun('keyboard-input')
}
