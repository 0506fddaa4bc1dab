import type { Problem } from '../errors.ts'
import { type GateOptions, readBudgets, gateSchema } from '../gate/options.ts'
import { suggestName } from '../lib/names.ts'
import { PROFILES, type RunOptions, runSchema } from '../plan/options.ts'
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
  tracks: readonly TrackDefinition[]
  /** Whether Vitest's own file filter includes a track. */
  isIncluded: (track: TrackDefinition) => boolean
  /** Tracks of the run's other projects: their names and flags are known but ignored here. */
  elsewhere?: readonly TrackElsewhere[]
}

interface TrackElsewhere {
  track: TrackDefinition
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
  const { config, env, argv, tracks, isIncluded, elsewhere = [] } = sources
  const { tracks: givenSections, gate: givenGate, ...runConfig } = config
  const gateFields = fieldsOf(gateSchema)
  const runFields = [...fieldsOf(runSchema), ...gateFields, ...fieldsOf(commandSchema)]
  const trackFields = new Map(tracks.map((track) => [track, fieldsOf(track.params)]))
  const fieldsElsewhere = elsewhere.map(({ track }) => [track, fieldsOf(track.params)] as const)
  // If two projects use one name for flags of different types, each reads its own.
  const fields = [
    ...fieldsElsewhere.flatMap(([, own]) => own),
    ...runFields,
    ...[...trackFields.values()].flat(),
  ]
  const flags = readFlags(argv, fields)
  const environment = readEnvironment(env, fields)
  const problems: Problem[] = [
    ...flags.problems,
    ...environment.problems,
    ...findClashes(runFields, trackFields),
  ]
  const sections = readSection(givenSections, 'tracks', problems)
  const gateConfig = readSection(givenGate, 'gate', problems)

  const layersOf = (own: Field[], section: Record<string, unknown>, path: string): Layer[] => [
    { values: section, nameOf: ({ key }) => `${path}${key}`, suffix: ' in the config' },
    textLayer(environment.given, own, (field) => field.env),
    textLayer(flags.given, own, ({ flag }) => `--${flag}`),
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

  const isSwept = ({ name }: TrackDefinition) => command?.sweep?.includes(name) ?? true
  const selected = tracks.filter((track) => isIncluded(track) && isSwept(track))
  const selectedElsewhere = elsewhere.filter((own) => own.isIncluded && isSwept(own.track))
  const selectedAnywhere = [...selected, ...selectedElsewhere.map(({ track }) => track)]
  const known = [...tracks, ...elsewhere.map(({ track }) => track)]
  problems.push(
    ...unknownNames('--sweep', command?.sweep ?? [], known),
    ...unknownNames('tracks in the config', Object.keys(sections), known),
    ...strayTrackFlags(flags.given, runFields, [...trackFields, ...fieldsElsewhere], selectedAnywhere),
  )
  const resolved = selected.flatMap((track) => {
    const own = trackFields.get(track)!
    const layers = [
      profileLayer(track.profiles?.[profile]),
      ...layersOf(
        own,
        readSection(sections[track.name], `tracks.${track.name}`, problems),
        `tracks.${track.name}.`,
      ),
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
  if (typeof given === 'object' && given !== null && !Array.isArray(given))
    return given as Record<string, unknown>
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

function unknownNames(
  where: string,
  names: readonly string[],
  tracks: readonly TrackDefinition[],
): Problem[] {
  const known = tracks.map(({ name }) => name)
  return names
    .filter((name) => !known.includes(name))
    .map((name) => ({ where, expected: 'names of tracks', given: name, hint: suggestName(name, known) }))
}

/** A flag that no selected track has would be silently ignored. */
function strayTrackFlags(
  given: ReadonlyMap<string, string[]>,
  runFields: readonly Field[],
  trackFields: readonly (readonly [TrackDefinition, Field[]])[],
  selected: readonly TrackDefinition[],
): Problem[] {
  return [...given.keys()].flatMap((flag) => {
    if (runFields.some((field) => field.flag === flag)) return []
    const owners = trackFields
      .filter(([, own]) => own.some((field) => field.flag === flag))
      .map(([track]) => track)
    if (owners.some((track) => selected.includes(track))) return []
    const names = [...new Set(owners.map(({ name }) => name))]
    return [
      {
        where: `--${flag}`,
        expected: 'a flag of a selected track',
        hint: `it belongs to ${names.join(' and ')}; selected: ${selected.map(({ name }) => name).join(', ') || 'none'}`,
      },
    ]
  })
}

function findClashes(
  runFields: readonly Field[],
  trackFields: ReadonlyMap<TrackDefinition, Field[]>,
): Problem[] {
  return [...trackFields].flatMap(([track, own]) =>
    own
      .filter(({ flag }) => runFields.some((field) => field.flag === flag))
      .map(({ key }) => ({
        where: `params.${key} of track ${track.name}`,
        expected: 'a name that is not an option of every run',
      })),
  )
}
