import type { z } from 'zod'
import { PHASES } from '../row/phases.ts'
import type { Phase, Security } from '../row/schema.ts'
import { checkDefinition } from './check-definition.ts'
import type {
  ArtifactSpec,
  Command,
  Forgery,
  LocatedProver,
  PhaseContext,
  PhaseSpec,
  ProvedOutput,
  Prover,
  RunResult,
  Settings,
} from './contract.ts'
import { parseReport } from './report-line.ts'

type FileName<Artifact extends string> = Artifact | 'model' | 'input'

/** What a phase is given: absolute paths by artifact name, and the settings of the run. */
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

/** A function alone reads whatever is there by then and writes the artifacts that name its phase. */
export type DefinedPhase<Artifact extends string, Options> =
  | Run<Artifact, Options>
  | ({
      reads?: readonly FileName<Artifact>[]
      writes?: readonly Artifact[]
      prepare?: Build<Artifact, Options>
    } & ({ run: Run<Artifact, Options> } | { command: Build<Artifact, Options> }))

export interface DefinedArtifact extends ArtifactSpec {
  /** The phase that writes it, where the phase itself does not say so under `writes`. */
  phase?: Phase
}

export interface ProverDefinition<Artifact extends string, Options extends z.ZodObject> extends Partial<
  Omit<Prover, 'name' | 'options' | 'artifacts' | 'phases' | 'security' | 'tamper' | 'provedOutput'>
> {
  name: string
  /** Shown in rows; only used where there is no `locate`. */
  version?: string
  options?: Options
  /** What is not given is 'unknown'. */
  security?: Partial<Security>
  artifacts: Readonly<Record<Artifact, DefinedArtifact>>
  phases: Readonly<Record<Phase, DefinedPhase<NoInfer<Artifact>, NoInfer<z.output<Options>>>>>
  tamper?: Partial<Record<'proof' | 'output', Forgery & { artifact: NoInfer<Artifact> }>>
  provedOutput?: ProvedOutput
}

/**
 * Makes a prover of a module of your own: `export default defineProver({ … })`, named by its path in `provers`.
 * Phases are command lines (`command`) or async functions (`run`) that run in a process of their own.
 * @throws ProvemarkError PROVER_INVALID naming every fault at once
 */
export function defineProver<const Artifact extends string, Options extends z.ZodObject = z.ZodObject<{}>>(
  definition: ProverDefinition<Artifact, Options>,
): Prover {
  const { version = 'unknown', security, phases, artifacts, ...rest } = definition
  const prover = {
    title: definition.name,
    locate: async (): Promise<LocatedProver> => ({ bin: process.execPath, version, sha256: null }),
    ...rest,
    artifacts,
    security: { scheme: 'unknown', field: 'unknown', setup: 'unknown', bits: 'unknown', ...security },
    phases: completePhases(phases as Record<Phase, LoosePhase>, artifacts),
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
  phases: Readonly<Record<Phase, LoosePhase>>,
  artifacts: Readonly<Record<string, DefinedArtifact>>,
): Record<Phase, PhaseSpec> {
  const there = ['model', 'input']
  const complete: Partial<Record<Phase, PhaseSpec>> = {}
  for (const phase of PHASES) {
    const given = phases[phase]
    if (!given) continue
    const own = typeof given === 'function' ? { run: given } : given
    const named = Object.keys(artifacts).filter((name) => artifacts[name]?.phase === phase)
    const writes = 'writes' in own && own.writes ? [...new Set([...own.writes, ...named])] : named
    complete[phase] = { reads: [...there], ...own, writes } as PhaseSpec
    there.push(...writes)
  }
  return complete as Record<Phase, PhaseSpec>
}
