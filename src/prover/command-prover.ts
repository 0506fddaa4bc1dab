import { createHash } from 'node:crypto'
import { basename, isAbsolute } from 'node:path'
import type { z } from 'zod'
import { canonicalJson } from '../row/json.ts'
import { PHASES } from '../row/phases.ts'
import type { Counters, Phase, Security } from '../row/schema.ts'
import { checkDefinition, findOddPhases, GIVEN, invalidProver, UNKNOWN_SECURITY } from './define.ts'
import { digestCommand } from './command-digest.ts'
import {
  type CounterSource,
  type FigureSource,
  linesOf,
  namesOf,
  readCounters,
  readFigure,
} from './command-output.ts'
import type { ArtifactSpec, PhaseBounds, PhaseSpec, Prover, SharedPhase } from './contract.ts'
import { findExecutable, readVersion } from './executable.ts'
import {
  fillPlaceholders,
  findParams,
  findPlaceholders,
  isParam,
  type PlaceholderIn,
  valuesOfParams,
} from './placeholders.ts'

import { readSpans, type SpanSource } from './spans.ts'

type Words = readonly [program: string, ...args: string[]]

interface CommandPhaseDefinition {
  /**
   * Program and arguments; `{name}` stands for the path of an artifact, of `model`, `workload` or `input`, or for an
   * option; `{params.name}` for a parameter of the point. Each word stays one argument.
   */
  cmd?: Words
  /**
   * For a program that runs several phases in one process: how begin and end of this phase are known. The first of these
   * phases has the command, in which `{iterations}` is how many iterations of its phases are wanted; the others have none.
   */
  bounds?: PhaseBounds
  /** What the phase writes. */
  artifacts?: Readonly<Record<string, ArtifactSpec>>
  /** Files that it needs in addition to those named in its command. */
  reads?: readonly string[]
  env?: Readonly<Record<string, string>>
}

type CommandPhases = Readonly<Partial<Record<Phase, CommandPhaseDefinition>>>

export interface CommandProverDefinition extends Partial<
  Pick<
    Prover,
    | 'title'
    | 'keep'
    | 'operators'
    | 'refuse'
    | 'predictPeakMb'
    | 'verifyExit'
    | 'tamper'
    | 'provedOutput'
    | 'input'
  >
> {
  name: string
  /** A version, or the command that prints one. */
  version: string | Words
  options?: z.ZodObject
  /** Missing fields are 'unknown'. */
  security?: Partial<Security>
  /** Any of the phases; they always run in their order. */
  phases: CommandPhases
  /** How to find counters in the output of the first phase: see `CounterSource`. */
  counters?: CounterSource
  /** The counter that measures the whole cost, if the prover prints no `totalCost`. */
  totalCost?: string
  /** The prover's own time: a pattern whose first group is seconds, or a function. */
  time?: FigureSource
  /** The prover's own peak memory: a pattern whose first group is MB (2^20 bytes), or a function. */
  memory?: FigureSource
  /** What happens inside a phase, and for how long: see `SpanSource`. */
  spans?: SpanSource
  /** Where to get it, for a user who does not have it. */
  install?: string
}

type NameIn<D extends CommandProverDefinition> =
  | (typeof GIVEN)[number]
  | 'threads'
  | 'iterations'
  | `params.${string}`
  | { [P in keyof D['phases']]: ArtifactOf<D['phases'][P]> }[keyof D['phases']]
  | (D['options'] extends z.ZodObject ? keyof z.output<D['options']> & string : never)

type ArtifactOf<Own> = Own extends { artifacts: infer Artifacts } ? keyof Artifacts & string : never
type CmdOf<Own> = Own extends { cmd: infer Cmd extends readonly string[] } ? Cmd : readonly string[]

/** The words again, each one with an unknown placeholder replaced by a message that names it. */
type CheckWords<Cmd extends readonly string[], Name extends string> = {
  [I in keyof Cmd]: Exclude<PlaceholderIn<Cmd[I]>, Name> extends never
    ? Cmd[I]
    : `no artifact or option is called ${Exclude<PlaceholderIn<Cmd[I]>, Name>}`
}

type CheckPhases<D extends CommandProverDefinition> = {
  phases: { [P in Phase & keyof D['phases']]: { cmd?: CheckWords<CmdOf<D['phases'][P]>, NameIn<D>> } }
}

/**
 * Makes a prover from plain commands, which are not passed to a shell. The program of the first phase is the prover: it is
 * looked up on PATH, or named by `bin=PATH`, and the same executable is used in every phase that starts with it.
 * @throws ProvemarkError PROVER_INVALID naming every fault at once
 */
export function commandProver<const D extends CommandProverDefinition>(
  definition: D & CheckPhases<D>,
): Prover {
  const { version, phases, counters, totalCost, time, memory, spans, install, ...rest } =
    definition as CommandProverDefinition
  checkCommands(definition)
  const own = listPhases(phases)
  const program = programOf(phases)
  const params = findParams(own.flatMap(([, one]) => placeholdersOf(one)))
  const hint = install ?? `install ${program}, or name it: --prover ${rest.name},bin=PATH`
  const known = [...namesOf(counters), ...(totalCost ? ['totalCost'] : [])]
  const keep = linesOf([counters, time, memory])
  const prover: Prover = {
    title: `commands of ${program}`,
    ...(known.length ? { counters: known } : {}),
    ...(keep ? { keep } : {}),
    ...(params.length ? { params } : {}),
    threads: takesThreads(definition),
    ...rest,
    security: { ...UNKNOWN_SECURITY, ...rest.security },
    artifacts: Object.assign({}, ...own.map(([, { artifacts }]) => artifacts)),
    phases: Object.fromEntries(own.map(([phase, one]) => [phase, makePhase(definition, one)])),
    async locate({ bin }) {
      const found = await findExecutable(program, bin, hint)
      const [asked, ...args] = typeof version === 'string' ? [] : version
      const said =
        typeof version === 'string' ? version : await readVersion(asked === program ? found : asked!, args)
      const words = listConstants(phases)
      return {
        bin: found,
        version: said,
        ...(await digestCommand(found, { words: words.flat(), compile: words[0]! })),
        commands: digestWords(phases),
      }
    },
    read: async (output, phase, files) => ({
      ...(phase === own[0]![0] && counters
        ? { counters: withTotal(await readCounters(counters, output), totalCost) }
        : {}),
      ...(spans ? { spans: await readSpans(spans, output, files) } : {}),
      ...(await readFigure('timeS', time, output, phase)),
      ...(await readFigure('memMb', memory, output, phase)),
    }),
  }
  checkDefinition(prover)
  return prover
}

/** The phases that are there, in order. */
function listPhases(phases: CommandPhases): [Phase, CommandPhaseDefinition][] {
  return PHASES.flatMap((phase) => {
    const own = phases[phase]
    return own ? [[phase, own]] : []
  })
}

function programOf(phases: CommandPhases): string {
  return listPhases(phases)[0]![1].cmd![0]
}

const NO_WORDS: Words = ['']

/** Names of the placeholders in the words and variables of a phase. */
function placeholdersOf({ cmd = [] as unknown as Words, env = {} }: CommandPhaseDefinition): string[] {
  return findPlaceholders([...cmd, ...Object.values(env)])
}

function makePhase({ phases }: CommandProverDefinition, own: CommandPhaseDefinition): PhaseSpec {
  const { cmd, bounds, artifacts = {}, reads = [], env = {} } = own
  const files = namesOfFiles(phases)
  const writes = Object.keys(artifacts)
  const named = placeholdersOf(own).filter((name) => files.has(name))
  // The one command of a process may name what its later phases write.
  const later = bounds ? Object.values(phases).flatMap((one) => Object.keys(one.artifacts ?? {})) : writes
  const common = {
    reads: [...new Set([...named, ...reads])].filter(
      (name) => !writes.includes(name) && !later.includes(name),
    ),
    writes,
    ...(bounds ? { bounds } : {}),
  }
  if (!cmd) return common as SharedPhase
  return {
    ...common,
    command({ files: paths, settings, located, params, iterations }) {
      const values = { ...settings, ...paths, iterations, ...valuesOfParams(params) }
      const [program, ...args] = fillPlaceholders(cmd, values)
      return {
        file: program === programOf(phases) ? located.bin : program!,
        args,
        env: Object.fromEntries(
          Object.entries(env).flatMap(([name, word]) =>
            fillPlaceholders([word], values).map((value) => [name, value]),
          ),
        ),
      }
    },
  }
}

/** Whether a word or a variable of any phase contains `{threads}`. */
function takesThreads({ phases }: CommandProverDefinition): boolean {
  return listPhases(phases).some(([, own]) => placeholdersOf(own).includes('threads'))
}

/** The words of each phase that name no artifact and no option, without the prover's own program. */
function listConstants(phases: CommandPhases): string[][] {
  const program = programOf(phases)
  return listPhases(phases).map(([, { cmd = NO_WORDS, env = {} }]) =>
    [...cmd, ...Object.values(env)].filter((word) => word !== program && !findPlaceholders([word]).length),
  )
}

/** Only the last part of a path counts: another machine has the same files elsewhere. */
function digestWords(phases: CommandPhases): string {
  const lines = listPhases(phases).map(([, { cmd = NO_WORDS, env }]) => [
    cmd.map((word) => (isAbsolute(word) ? basename(word) : word)),
    env,
  ])
  return createHash('sha256').update(canonicalJson(lines)).digest('hex')
}

function namesOfFiles(phases: CommandPhases): Set<string> {
  const artifacts = listPhases(phases).flatMap(([, own]) => Object.keys(own.artifacts ?? {}))
  return new Set([...GIVEN, ...artifacts])
}

/** Errors that types cannot prevent if a module is plain JavaScript. */
function checkCommands({ name, phases, options, counters }: CommandProverDefinition): void {
  const given = Object.entries(phases ?? {}).filter(([, own]) => own !== undefined)
  const absent = [
    ...findOddPhases(Object.keys(phases ?? {})),
    ...given.flatMap(([phase, own]) => (own.cmd?.length || own.bounds ? [] : [`no command for ${phase}`])),
    ...listPhases(phases ?? {})
      .slice(0, 1)
      .flatMap(([phase, own]) =>
        own.cmd?.length || !own.bounds
          ? []
          : [`no command for ${phase}: the first phase of a process has it`],
      ),
  ]
  if (absent.length) throw invalidProver(name, absent)
  const known = new Set([
    ...namesOfFiles(phases),
    'threads',
    ...(listPhases(phases).some(([, { bounds }]) => bounds) ? ['iterations'] : []),
    ...Object.keys(options?.shape ?? {}),
  ])
  const faults = listPhases(phases).flatMap(([phase, own]) => {
    const [program = ''] = own.cmd ?? []
    const unknown = placeholdersOf(own).filter((word) => !known.has(word) && !isParam(word))
    const relative = /[/\\]/.test(program) && !isAbsolute(program)
    return [
      ...unknown.map((word) => `${phase} names {${word}}, known are ${[...known].join(', ')}`),
      ...(relative ? [`the program of ${phase} has to be a name on PATH or an absolute path`] : []),
    ]
  })
  if (Array.isArray(counters)) {
    const odd = counters.filter((one) => typeof one !== 'string' || !/^\S(?:[^\r\n]*\S)?$/.test(one))
    faults.push(
      ...odd.map(
        (one) => `the counter ${JSON.stringify(one)} has to be a name as it is printed, in one line`,
      ),
    )
  }
  if (faults.length) throw invalidProver(name, faults)
}

function withTotal(counters: Counters, totalCost: string | undefined): Counters {
  const value = totalCost === undefined ? undefined : counters[totalCost]
  return value === undefined ? counters : { ...counters, totalCost: value }
}
