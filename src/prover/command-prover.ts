import { createHash } from 'node:crypto'
import { basename, isAbsolute } from 'node:path'
import type { z } from 'zod'
import { canonicalJson } from '../row/json.ts'
import { PHASES } from '../row/phases.ts'
import type { Counters, Phase, Security } from '../row/schema.ts'
import { checkDefinition, findOddPhases, GIVEN, invalidProver, UNKNOWN_SECURITY } from './define.ts'
import {
  type CounterSource,
  type FigureSource,
  linesOf,
  namesOf,
  readCounters,
  readFigure,
} from './command-output.ts'
import type {
  ArtifactSpec,
  Command,
  Files,
  HttpRequest,
  PhaseBounds,
  PhaseContext,
  PhaseSpec,
  Prover,
  ProverTraits,
  Service,
  SharedPhase,
} from './contract.ts'
import { digestCommand, findExecutable, readVersion } from './executable.ts'
import {
  fillPlaceholders,
  findParams,
  findPlaceholders,
  isParam,
  type PlaceholderIn,
  valuesOfParams,
} from './placeholders.ts'
import { linesOfSpans, namesOfSpans, readSpans, type SpanSource, traceOf } from './spans.ts'

type Words = readonly [program: string, ...args: string[]]

/** A request to the service, with the placeholders of a command. */
interface RequestDefinition extends Pick<HttpRequest, 'method' | 'path' | 'headers' | 'accepts' | 'save'> {
  /** Text with placeholders; a placeholder of a file alone, as '{witness}', sends its bytes. */
  body?: string
}

interface ServiceDefinition extends Pick<Service, 'ready' | 'readyS' | 'stop'> {
  /** Program and arguments that start it; it has to listen on 127.0.0.1:{port}. */
  start: Words
  env?: Readonly<Record<string, string>>
}

interface CommandPhaseDefinition {
  /**
   * Program and arguments; `{name}` stands for the path of an artifact, of `model`, `workload` or `input`, or for an
   * option; `{params.name}` for a parameter of the point. Each word stays one argument.
   */
  cmd?: Words
  /**
   * For a program that runs several phases in one process: how the begin and end of this phase are recognised. The
   * first of these phases has the command, in which `{iterations}` is the number of iterations wanted; the others have
   * none.
   */
  bounds?: PhaseBounds
  /** In place of a command: a request to the service. */
  request?: RequestDefinition
  /** What the phase writes. */
  artifacts?: Readonly<Record<string, ArtifactSpec>>
  /** Files that it needs in addition to those named in its command. */
  reads?: readonly string[]
  env?: Readonly<Record<string, string>>
}

type CommandPhases = Readonly<Partial<Record<Phase, CommandPhaseDefinition>>>

export interface CommandProverDefinition extends Partial<ProverTraits> {
  name: string
  /** A version, or the command that prints one. */
  version: string | Words
  options?: z.ZodObject
  /** Missing fields are 'unknown'. */
  security?: Partial<Security>
  /** Any of the phases; they always run in their order. */
  phases: CommandPhases
  /** A program that stays loaded, for phases with a `request`, or a command that names {port}. */
  service?: ServiceDefinition
  /** How to find counters in the output of the first phase: see `CounterSource`. */
  counters?: CounterSource
  /** The counter that measures the whole cost, if the prover prints no `totalCost`. */
  totalCost?: string
  /** The prover's own time: a pattern whose first group is seconds, or a function. */
  time?: FigureSource
  /** The prover's own peak memory: a pattern whose first group is MB (2^20 bytes), or a function. */
  memory?: FigureSource
  /** What happens inside a phase, and how long it takes: see `SpanSource`. */
  spans?: SpanSource
  /** How to install it, for a user who does not have it. */
  install?: string
}

type NameIn<D extends CommandProverDefinition> =
  | (typeof GIVEN)[number]
  | 'threads'
  | 'iterations'
  | 'port'
  | `params.${string}`
  | { [P in keyof D['phases']]: ArtifactOf<D['phases'][P]> }[keyof D['phases']]
  | (D['options'] extends z.ZodObject ? keyof z.output<D['options']> & string : never)

type ArtifactOf<Own> = Own extends { artifacts: infer Artifacts } ? keyof Artifacts & string : never
type CmdOf<Own> = Own extends { cmd: infer Cmd extends readonly string[] } ? Cmd : readonly string[]

/** The same words, each one with an unknown placeholder replaced by a message that names it. */
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
  const { version, phases, service, counters, totalCost, time, memory, spans, install, ...rest } =
    definition as CommandProverDefinition
  checkCommands(definition)
  const listed = listPhases(phases)
  const parts = listParts(definition)
  // That of the first command, or of the service.
  const program = parts.flatMap(([, { cmd }]) => cmd ?? [])[0]!
  const named = parts.flatMap(([, part]) => placeholdersOf(part))
  const params = findParams(named)
  const hint = install ?? `install ${program}, or name it: --prover ${rest.name},bin=PATH`
  const known = [...namesOf(counters), ...(totalCost ? ['totalCost'] : [])]
  const prover: Prover = {
    title: `commands of ${program}`,
    ...(known.length ? { counters: known } : {}),
    figures: [
      ...(time ? ['time'] : []),
      ...(memory ? ['memory'] : []),
      ...(counters && !namesOf(counters).length ? ['counters'] : []),
      ...namesOfSpans(spans),
    ],
    ...(params.length ? { params } : {}),
    threads: named.includes('threads'),
    ...rest,
    keep: [linesOf([counters, time, memory]), linesOfSpans(spans), rest.keep ?? []].flat(),
    security: { ...UNKNOWN_SECURITY, ...rest.security },
    artifacts: Object.assign({}, ...listed.map(([, { artifacts }]) => artifacts)),
    phases: Object.fromEntries(listed.map(([phase, one]) => [phase, makePhase(one, phases, program)])),
    ...(service ? { service: makeService(service, phases, program) } : {}),
    async locate({ bin }) {
      const own = isAbsolute(program) ? program : undefined
      const found = await findExecutable(own ? rest.name : program, bin ?? own, hint)
      const [asked, ...args] = typeof version === 'string' ? [] : version
      const said =
        typeof version === 'string' ? version : await readVersion(asked === program ? found : asked!, args)
      return {
        bin: found,
        version: said,
        ...(await digestCommand(found, listConstants(parts, program))),
        commands: digestWords(parts),
      }
    },
    read: async (output, phase, files) => ({
      ...(phase === listed[0]![0] && counters
        ? { counters: withTotal(await readCounters(counters, output), totalCost) }
        : {}),
      ...(spans ? { spans: await readSpans(spans, output, pick(files, phases[phase]?.artifacts)) } : {}),
      ...(await readFigure('timeS', time, output, phase)),
      ...(await readFigure('memMb', memory, output, phase)),
    }),
  }
  checkDefinition(prover)
  return prover
}

/** The files of these artifacts. */
const pick = (files: Files, artifacts: object = {}): Files =>
  Object.fromEntries(Object.entries(files).filter(([name]) => Object.hasOwn(artifacts, name)))

/** The phases that are defined, in order. */
function listPhases(phases: CommandPhases): [Phase, CommandPhaseDefinition][] {
  return PHASES.flatMap((phase) => {
    const own = phases[phase]
    return own ? [[phase, own]] : []
  })
}

type Part = [name: string, CommandPhaseDefinition]

/** Everything that the prover runs or requests, by name: its phases in order, and the start of its service. */
function listParts({ phases, service }: CommandProverDefinition): Part[] {
  if (!service) return listPhases(phases)
  const { start: cmd, env } = service
  return [...listPhases(phases), ['service', { cmd, ...(env ? { env } : {}) }]]
}

/** Names of the placeholders in the words and variables of a phase. */
function placeholdersOf({ cmd, request, env = {} }: CommandPhaseDefinition): string[] {
  const { path = '', body = '', headers = {} } = request ?? {}
  return findPlaceholders([...(cmd ?? []), path, body, ...Object.values(headers), ...Object.values(env)])
}

function makePhase(own: CommandPhaseDefinition, phases: CommandPhases, program: string): PhaseSpec {
  const { cmd, bounds, artifacts = {}, reads = [], request } = own
  const files = namesOfFiles(phases)
  const writes = Object.keys(artifacts)
  const named = placeholdersOf(own).filter((name) => files.has(name))
  // The one command of a process may name what its later phases write.
  const written = bounds ? Object.values(phases).flatMap((one) => Object.keys(one.artifacts ?? {})) : writes
  const common = {
    reads: [...new Set([...named, ...reads])].filter((name) => !written.includes(name)),
    writes,
    ...(bounds ? { bounds } : {}),
  }
  if (request) return { ...common, request: (context) => fillRequest(request, files, context) }
  if (!cmd) return common as SharedPhase
  return {
    ...common,
    command: (context) => fillCommand(own, program, context),
    ...(placeholdersOf(own).includes('port') ? { isClient: true } : {}),
  }
}

function makeService(definition: ServiceDefinition, phases: CommandPhases, program: string): Service {
  const { start: cmd, env = {}, ...rest } = definition
  const files = namesOfFiles(phases)
  return {
    ...rest,
    reads: placeholdersOf({ cmd, env }).filter((name) => files.has(name)),
    start: (context) => fillCommand({ cmd, env }, program, context),
  }
}

function valuesOf({ files, settings, params, port, iterations }: PhaseContext): Record<string, unknown> {
  return { ...settings, ...files, ...valuesOfParams(params), port, iterations }
}

/** @param prover its program, which is run where it was found */
function fillCommand(own: CommandPhaseDefinition, prover: string, context: PhaseContext): Command {
  const { cmd = [''], env = {} } = own
  const values = valuesOf(context)
  const [program = '', ...args] = fillPlaceholders(cmd, values)
  return { file: program === prover ? context.located.bin : program, args, env: fillEach(env, values) }
}

function fillEach(
  texts: Readonly<Record<string, string>>,
  values: Record<string, unknown>,
): Record<string, string> {
  return Object.fromEntries(
    Object.entries(texts).flatMap(([name, word]) =>
      fillPlaceholders([word], values).map((value) => [name, value]),
    ),
  )
}

function fillRequest(
  { path, body, headers = {}, ...rest }: RequestDefinition,
  files: ReadonlySet<string>,
  context: PhaseContext,
): HttpRequest {
  const values = valuesOf(context)
  const [alone] = body === undefined ? [] : findPlaceholders([body]).filter((name) => body === `{${name}}`)
  const [text] = body === undefined ? [] : fillPlaceholders([body], values)
  const isFile = alone !== undefined && files.has(alone)
  return {
    ...rest,
    path: fillPlaceholders([path], values)[0] ?? path,
    headers: fillEach(headers, values),
    ...(isFile ? { body: { file: context.files[alone]! } } : text === undefined ? {} : { body: text }),
  }
}

/** The words of each phase that name no artifact and no option, without the prover's own program. */
function listConstants(parts: readonly Part[], program: string): string[][] {
  return parts.map(([, { cmd = [], env = {} }]) =>
    [...cmd, ...Object.values(env)].filter((word) => word !== program && !findPlaceholders([word]).length),
  )
}

/** Only the last part of a path counts: another machine has the same files elsewhere. */
function digestWords(parts: readonly Part[]): string {
  const lines = parts.map(([, { cmd, env, request }]) => [
    cmd?.map((word) => (isAbsolute(word) ? basename(word) : word)),
    env,
    ...(request ? [{ ...request, accepts: String(request.accepts) }] : []),
  ])
  return createHash('sha256').update(canonicalJson(lines)).digest('hex')
}

function namesOfFiles(phases: CommandPhases): Set<string> {
  const artifacts = listPhases(phases).flatMap(([, own]) => Object.keys(own.artifacts ?? {}))
  return new Set([...GIVEN, ...artifacts])
}

/** Errors that types cannot prevent if a module is plain JavaScript. */
function checkCommands(definition: CommandProverDefinition): void {
  const { name, service, options, counters, spans } = definition
  const phases = definition.phases ?? {}
  const given = Object.entries(phases).filter(([, own]) => own !== undefined)
  const [first] = listPhases(phases)
  const absent = [
    ...findOddPhases(Object.keys(phases)),
    ...given.flatMap(([phase, own]) =>
      own.cmd?.length || own.bounds || (own.request?.path && service) ? [] : [`no command for ${phase}`],
    ),
    ...(first?.[1].bounds && !first[1].cmd?.length
      ? [`no command for ${first[0]}: the first phase of a process has it`]
      : []),
    ...(service && !service.start?.length ? ['no command that starts the service'] : []),
  ]
  if (absent.length) throw invalidProver(name, absent)
  const known = new Set([
    ...namesOfFiles(phases),
    'threads',
    ...(service ? ['port'] : []),
    ...(given.some(([, { bounds }]) => bounds) ? ['iterations'] : []),
    ...Object.keys(options?.shape ?? {}),
  ])
  const parts = listParts(definition)
  const faults = parts.flatMap(([phase, part]) => {
    const unknown = placeholdersOf(part).filter((word) => !known.has(word) && !isParam(word))
    return unknown.map((word) => `${phase} names {${word}}, known are ${[...known].join(', ')}`)
  })
  const relative = parts.flatMap(([phase, { cmd: [program = ''] = [] }]) =>
    /[/\\]/.test(program) && !isAbsolute(program) ? [{ phase, program }] : [],
  )
  if (relative[0]) {
    const phasesOfIt = relative.map(({ phase }) => phase).join(', ')
    const example = `join(import.meta.dirname, '${relative[0].program}')`
    faults.push(
      `the program of ${phasesOfIt} has to be a name on PATH or an absolute path, such as ${example}`,
    )
  }
  for (const one of Array.isArray(counters) ? counters : []) {
    if (typeof one === 'string' && /^\S(?:[^\r\n]*\S)?$/.test(one)) continue
    faults.push(`the counter ${JSON.stringify(one)} has to be a name as it is printed, in one line`)
  }
  faults.push(...findTraceFaults(phases, traceOf(spans)))
  if (faults.length) throw invalidProver(name, faults)
}

/** A trace does not say which phase and iteration of a process a span belongs to. */
function findTraceFaults(phases: CommandPhases, trace: string | undefined): string[] {
  if (trace === undefined) return []
  const writer = listPhases(phases).find(([, { artifacts = {} }]) => Object.hasOwn(artifacts, trace))
  if (!writer) return [`spans: no artifact is called ${trace}`]
  const [phase, { bounds }] = writer
  if (!bounds) return []
  return [
    `spans: the Chrome trace ${trace} is of a whole process, and ${phase} is a part of one: use marks, patterns or 'tracing'`,
  ]
}

function withTotal(counters: Counters, totalCost: string | undefined): Counters {
  const value = totalCost === undefined ? undefined : counters[totalCost]
  return value === undefined ? counters : { ...counters, totalCost: value }
}
