import { resolve } from 'node:path'
import { refusePlan } from '../config/problems.ts'
import type { Plan } from '../plan/plan.ts'

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
  const results = plans.flatMap((plan) =>
    plan.tracks.filter(({ points }) => points.length).map((track) => ({ ...track, plan })),
  )
  const shared = results.filter((own) =>
    results.some(
      (other) =>
        other.plan !== own.plan &&
        other.results === own.results &&
        other.points.some(({ id }) => own.points.some((point) => point.id === id)),
    ),
  )
  const names = [...new Set(shared.map(({ results: file }) => file))]
  return names.map((file) => {
    const projects = shared.filter((own) => own.results === file).map(({ plan }) => plan.project)
    return `warning: projects ${[...new Set(projects)].join(' and ')} add rows of the same points to ${file}: give each a tag or a results file of its own to tell them apart`
  })
}
