import type { z } from 'zod'
import { describeSchemaFault, SCHEMA_HINT } from '../lib/check-schema.ts'
import { ProvemarkError } from '../errors.ts'
import { PHASES } from '../row/phases.ts'
import type { Phase, Security } from '../row/schema.ts'
import type {
  ArtifactSpec,
  Command,
  Forgery,
  HttpRequest,
  PhaseBounds,
  LocatedProver,
  PhaseContext,
  PhaseSpec,
  ProvedOutput,
  Prover,
  RunResult,
  Settings,
} from './contract.ts'
import { asksService, isShared, phasesOfProcess } from './contract.ts'
import { parseReport } from './phase-command.ts'

type FileName<Artifact extends string> = Artifact | (typeof GIVEN)[number]

/** What a phase gets: absolute paths by artifact name, and the settings of the run. */
export interface DefinedContext<Artifact extends string, Options> extends Omit<
  PhaseContext,
  'files' | 'settings'
> {
  files: Readonly<Record<FileName<Artifact>, string>>
  settings: Settings & Options
}

type Run<Artifact extends string, Options> = (
  context: DefinedContext<Artifact, Options>,
) => RunResult | Promise<RunResult>
type Build<Artifact extends string, Options> = (context: DefinedContext<Artifact, Options>) => Command

/** A bare function reads any files that exist by then and writes the artifacts that name its phase. */
export type DefinedPhase<Artifact extends string, Options> =
  | Run<Artifact, Options>
  | ({
      reads?: readonly FileName<Artifact>[]
      writes?: readonly Artifact[]
      prepare?: Build<Artifact, Options>
    } & (
      | { run: Run<Artifact, Options> }
      | { command: Build<Artifact, Options>; bounds?: PhaseBounds; isClient?: boolean }
      | { bounds: PhaseBounds }
      | { request: (context: DefinedContext<Artifact, Options>) => HttpRequest }
    ))

/** What the author does not state is unknown. */
export const UNKNOWN_SECURITY = {
  scheme: 'unknown',
  field: 'unknown',
  setup: 'unknown',
  bits: 'unknown',
  zero_knowledge: 'unknown',
  weights: 'unknown',
  input: 'unknown',
  output: 'unknown',
} satisfies Security

export interface DefinedArtifact extends ArtifactSpec {
  /** The phase that writes it, if the phase itself does not list it under `writes`. */
  phase?: Phase
}

export interface ProverDefinition<Artifact extends string, Options extends z.ZodObject> extends Partial<
  Omit<Prover, 'name' | 'options' | 'artifacts' | 'phases' | 'security' | 'tamper' | 'provedOutput'>
> {
  name: string
  /** Shown in rows; only used where there is no `locate`. */
  version?: string
  options?: Options
  /** Missing fields are 'unknown'. */
  security?: Partial<Security>
  /** Absent: no phase writes a file. */
  artifacts?: Readonly<Record<Artifact, DefinedArtifact>>
  /** Any of the phases; they always run in their order. */
  phases: Readonly<Partial<Record<Phase, DefinedPhase<NoInfer<Artifact>, NoInfer<z.output<Options>>>>>>
  tamper?: Partial<Record<'proof' | 'output', Forgery & { artifact: NoInfer<Artifact> }>>
  provedOutput?: ProvedOutput
}

/**
 * Makes a prover from your module: `export default defineProver({ … })`, named by its path in `provers`. Phases are
 * command lines (`command`) or async functions (`run`) that run in a separate process.
 * @throws ProvemarkError PROVER_INVALID naming every fault at once
 */
export function defineProver<const Artifact extends string, Options extends z.ZodObject = z.ZodObject<{}>>(
  definition: ProverDefinition<Artifact, Options>,
): Prover {
  const { version = 'unknown', security, ...rest } = definition
  // A definition in JavaScript, or one whose types are not checked, may lack what it needs.
  const phases = (definition.phases ?? {}) as Partial<Record<Phase, LoosePhase>>
  const artifacts: Readonly<Record<string, DefinedArtifact>> = definition.artifacts ?? {}
  const prover = {
    title: definition.name,
    locate: async (): Promise<LocatedProver> => ({ bin: process.execPath, version, sha256: null }),
    ...rest,
    artifacts,
    security: { ...UNKNOWN_SECURITY, ...security },
    phases: completePhases(phases, artifacts),
    read: async (output, phase, files) => ({
      ...parseReport(output),
      ...(await definition.read?.(output, phase, files)),
    }),
  } satisfies Prover
  checkDefinition(prover)
  return prover
}

type LoosePhase = DefinedPhase<string, Settings>

function completePhases(
  phases: Readonly<Partial<Record<Phase, LoosePhase>>>,
  artifacts: Readonly<Record<string, DefinedArtifact>>,
): Partial<Record<Phase, PhaseSpec>> {
  const there: string[] = [...GIVEN]
  const complete: Partial<Record<Phase, PhaseSpec>> = {}
  for (const phase of PHASES) {
    const given = phases[phase]
    if (!given) continue
    const own = typeof given === 'function' ? { run: given } : given
    const named = Object.keys(artifacts).filter((name) => artifacts[name]?.phase === phase)
    const writes = 'writes' in own && own.writes ? [...new Set([...own.writes, ...named])] : named
    const all = 'reads' in own && own.reads ? {} : { reads: [...there], readsAny: true }
    complete[phase] = { ...own, ...all, writes } as PhaseSpec
    there.push(...writes)
  }
  return complete
}

/** What a point may have before any phase runs. */
export const GIVEN = ['model', 'workload', 'input'] as const

/**
 * Refuses a prover whose phases do not fit together.
 * @throws ProvemarkError PROVER_INVALID naming every fault at once
 */
export function checkDefinition(prover: Prover): void {
  const faults = [...findFaults(prover)]
  if (faults.length) throw invalidProver(prover.name, faults)
}

export function invalidProver(name: string | undefined, faults: readonly string[]): ProvemarkError {
  return new ProvemarkError('PROVER_INVALID', `prover ${name || '?'}: ${faults.join('; ')}`, {
    hint: 'docs/provers.md describes each part of a prover',
  })
}

function* findFaults({ name, options, artifacts, phases, service, tamper = {} }: Prover): Generator<string> {
  if (!/^[\w.-]+$/.test(name)) yield 'its name has to be letters, digits, dots, dashes and underscores'
  const fault = options && describeSchemaFault(options)
  if (fault) yield `options: ${fault} (${SCHEMA_HINT})`
  yield* findOddPhases(Object.keys(phases))
  for (const phase of PHASES) {
    const [first] = phasesOfProcess({ phases }, phase)
    const spec = first && phases[first]
    if (first === phase && isShared(spec) && !spec.command) {
      yield `${phase} has bounds and no command: the first phase of a process has its command`
    } else if (spec && phases[phase] !== spec && !isShared(spec)) {
      yield `${phase} has bounds and no command, and ${first}, whose process it would be part of, has no bounds`
    }
  }
  const there = new Set<string>(GIVEN)
  for (const phase of PHASES) {
    const spec = phases[phase]
    if (!spec) continue
    if (!service && asksService(spec)) yield `${phase} asks a service, and there is none`
    for (const read of spec.reads) {
      if (!there.has(read)) yield `${phase} reads ${read}, which no earlier phase writes`
    }
    for (const written of spec.writes) {
      if (there.has(written)) yield `${phase} writes ${written}, which already exists`
      else if (!Object.hasOwn(artifacts, written))
        yield `${phase} writes ${written}, which is not an artifact`
      there.add(written)
    }
  }
  const owners = new Map<string, string>()
  for (const [artifact, { file }] of Object.entries(artifacts)) {
    if (!there.has(artifact)) yield `no phase writes the artifact ${artifact}`
    if (!isFileName(file))
      yield `the file of ${artifact} has to be a plain name, ${JSON.stringify(file)} given`
    // Many file systems do not distinguish upper and lower case.
    const owner = owners.get(file.toLowerCase())
    if (owner !== undefined) yield `${owner} and ${artifact} are one file, ${file}`
    owners.set(file.toLowerCase(), artifact)
  }
  for (const [what, forgery] of Object.entries(tamper)) {
    if (forgery && !Object.hasOwn(artifacts, forgery.artifact))
      yield `tamper.${what} forges ${forgery.artifact}, which is not an artifact`
  }
}

/** A phase that does not exist would never run, and a prover without any does nothing. */
export function findOddPhases(names: readonly string[]): string[] {
  const known: readonly string[] = PHASES
  const odd = names.filter((name) => !known.includes(name))
  if (!names.length) return [`it needs at least one phase: ${PHASES.join(', ')}`]
  return odd.map((name) => `unknown phase ${name}: phases are ${PHASES.join(', ')}`)
}

/** Artifacts are in the iteration's folder, which is removed when the run ends: none may be outside of it. */
function isFileName(file: string): boolean {
  return /^[^/\\]+$/.test(file) && file !== '.' && file !== '..'
}
