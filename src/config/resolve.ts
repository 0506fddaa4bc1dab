import type { Problem } from '../errors.ts'
import { type GateOptions, readBudgets, gateSchema } from '../gate/options.ts'
import { suggestName } from '../lib/names.ts'
import { PROFILES, type RunOptions, runSchema } from '../plan/options.ts'
import { isRecord } from '../row/json.ts'
import type { TrackDefinition } from '../track/define.ts'
import { type CommandOptions, commandSchema, readFlags } from './flags.ts'
import { refusePlan, showValue } from './problems.ts'
import { type Field, fieldsOf } from './fields.ts'
import { type Layer, mergeLayers, readEnvironment, textLayer } from './layers.ts'

export interface ConfigSources {
  /** The object passed to `provemark({...})`. */
  config: Readonly<Record<string, unknown>>
  env: Readonly<Record<string, string | undefined>>
  /** The arguments after `--`. */
  argv: readonly string[]
  tracks: readonly OfferedTrack[]
  /** Tracks of the run's other projects: their names and flags are known but ignored here. */
  elsewhere?: readonly OfferedTrack[]
}

interface OfferedTrack {
  track: TrackDefinition
  /** Whether Vitest's own file filter includes it. */
  isIncluded: boolean
}

interface ResolvedTrack {
  track: TrackDefinition
  params: Record<string, unknown>
}

/** What could be read of a config, and everything that is wrong with it. */
export interface ReadConfig extends Partial<ResolvedConfig> {
  /** The selected tracks with valid parameters. */
  tracks: ResolvedTrack[]
  problems: Problem[]
}

export interface ResolvedConfig {
  run: RunOptions
  command: CommandOptions
  gate: GateOptions
  /** The selected tracks, with every parameter filled in. */
  tracks: ResolvedTrack[]
}

/**
 * The config, if nothing is wrong with it.
 * @throws ProvemarkError CONFIG_INVALID naming every problem at once.
 */
export function resolveConfig({ run, command, gate, tracks, problems }: ReadConfig): ResolvedConfig {
  if (problems.length || !run || !command || !gate) throw refusePlan(problems)
  return { run, command, gate, tracks }
}

/** Precedence: flags, environment, config, profile, defaults. */
export function readConfig(sources: ConfigSources): ReadConfig {
  const { config, env, argv, tracks, elsewhere = [] } = sources
  const { tracks: givenSections, gate: givenGate, ...runConfig } = config
  const gateFields = fieldsOf(gateSchema)
  const runFields = [...fieldsOf(runSchema), ...gateFields, ...fieldsOf(commandSchema)]
  const own = tracks.map(withFields)
  const others = elsewhere.map(withFields)
  // If two projects use one name for flags of different types, each reads its own.
  const allFields = [...others.flatMap(fieldsIn), ...runFields, ...own.flatMap(fieldsIn)]
  const flags = readFlags(argv, allFields)
  const environment = readEnvironment(env, allFields)
  const problems: Problem[] = [...flags.problems, ...environment.problems, ...findClashes(runFields, own)]
  const sections = readSection(givenSections, 'tracks', problems)
  const gateConfig = readSection(givenGate, 'gate', problems)

  const layersOf = (fields: Field[], section: Record<string, unknown>, path: string): Layer[] => [
    { values: section, nameOf: ({ key }) => `${path}${key}`, suffix: ' in the config' },
    textLayer(environment.given, fields, (field) => field.env),
    textLayer(flags.given, fields, ({ flag }) => `--${flag}`),
  ]
  const take = <Value>(read: { value?: Value; problems: Problem[] }) => {
    problems.push(...read.problems)
    return read.value
  }

  const command = take(mergeLayers(commandSchema, layersOf(fieldsOf(commandSchema), {}, '')))
  const runLayers = layersOf(fieldsOf(runSchema), runConfig, '')
  const profile = findProfile(runLayers)
  const run = take(mergeLayers(runSchema, [profileLayer(PROFILES[profile]), ...runLayers]))

  const gate = take(mergeLayers(gateSchema, layersOf(gateFields, gateConfig, 'gate.')))
  const { budgets, problems: budgetProblems } = readBudgets(gate?.budgets ?? [])
  problems.push(...budgetProblems)

  const isSelected = ({ track, isIncluded }: OfferedTrack) =>
    isIncluded && (command?.sweep?.includes(track.name) ?? true)
  const all = [...own, ...others]
  const known = namesOf(all)
  problems.push(
    ...unknownNames('--sweep', command?.sweep ?? [], known),
    ...unknownNames('tracks in the config', Object.keys(sections), known),
    ...strayTrackFlags(flags.given, runFields, all, isSelected),
  )
  const resolved = own.filter(isSelected).flatMap(({ track, fields }) => {
    const path = `tracks.${track.name}`
    const layers = [
      profileLayer(track.profiles?.[profile]),
      ...layersOf(fields, readSection(sections[track.name], path, problems), `${path}.`),
    ]
    const params = take(mergeLayers(track.params, layers))
    return params ? [{ track, params }] : []
  })
  if (command?.interleave && run?.provers.length !== 2) {
    const given = `${run?.provers.length} (${run?.provers.join(' ')})`
    problems.push({ where: '--interleave', expected: 'two provers: --prover A --prover B', given })
  }
  return {
    ...(run && { run }),
    ...(command && { command }),
    ...(gate && { gate: { ...gate, budgets } }),
    tracks: resolved,
    problems,
  }
}

/** A section of the config; empty if it is absent. */
function readSection(given: unknown, where: string, problems: Problem[]): Record<string, unknown> {
  if (given === undefined) return {}
  if (isRecord(given)) return given
  problems.push({ where: `${where} in the config`, expected: 'an object', given: showValue(given) })
  return {}
}

/** The profile whose defaults apply. An unknown one is reported with the other problems. */
function findProfile(layers: readonly Layer[]): RunOptions['profile'] {
  const given = layers.findLast(({ values }) => values['profile'] !== undefined)?.values['profile']
  return given === 'full' ? 'full' : 'quick'
}

function profileLayer(values: Record<string, unknown> = {}): Layer {
  return { values, nameOf: ({ key }) => key, suffix: ' in the profile' }
}

function unknownNames(where: string, names: readonly string[], known: readonly string[]): Problem[] {
  const advise = (name: string) =>
    known.length
      ? suggestName(name, known)
      : 'no bench file of the project defines one: see test.benchmark.include'
  return names
    .filter((name) => !known.includes(name))
    .map((name) => ({ where, expected: 'names of tracks', given: name, hint: advise(name) }))
}

/** A track with the fields of its parameters. */
interface FlaggedTrack extends OfferedTrack {
  fields: Field[]
}

const withFields = (offered: OfferedTrack) => ({ ...offered, fields: fieldsOf(offered.track.params) })
const fieldsIn = ({ fields }: FlaggedTrack) => fields
const namesOf = (tracks: readonly OfferedTrack[]) => [...new Set(tracks.map(({ track }) => track.name))]

/** A flag that no selected track has would be silently ignored. */
function strayTrackFlags(
  given: ReadonlyMap<string, string[]>,
  runFields: readonly Field[],
  tracks: readonly FlaggedTrack[],
  isSelected: (track: OfferedTrack) => boolean,
): Problem[] {
  return [...given.keys()].flatMap((flag) => {
    if (runFields.some((field) => field.flag === flag)) return []
    const owners = tracks.filter(({ fields }) => fields.some((field) => field.flag === flag))
    if (owners.some(isSelected)) return []
    const selected = namesOf(tracks.filter(isSelected)).join(', ') || 'none'
    const hint = `it belongs to ${namesOf(owners).join(' and ')}; selected: ${selected}`
    return [{ where: `--${flag}`, expected: 'a flag of a selected track', hint }]
  })
}

function findClashes(runFields: readonly Field[], tracks: readonly FlaggedTrack[]): Problem[] {
  return tracks.flatMap(({ track, fields }) =>
    fields
      .filter(({ flag }) => runFields.some((field) => field.flag === flag))
      .map(({ key }) => ({
        where: `params.${key} of track ${track.name}`,
        expected: 'a name that is not an option of every run',
      })),
  )
}
