import { createHash } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { cacheDir } from '../../cache.ts'
import { selectAffecting } from '../../plan/options.ts'
import type { Plan, PlannedTrack } from '../../plan/plan.ts'
import { canonicalJson } from '../../row/json.ts'

/** Everything that decides what a track measures, as plain data: equal documents are one plan. */
export type PlanDocument = Record<string, unknown>

export function describePlan(
  { options, interleave, provers }: Plan,
  { name, params }: PlannedTrack,
): PlanDocument {
  return {
    ...selectAffecting(options),
    interleave,
    track: name,
    params,
    provers: Object.fromEntries(
      provers.map(({ label, located: { version, sha256, variant, commands }, settings }) => [
        label,
        { version, sha256, variant, commands, settings },
      ]),
    ),
  }
}

/** SHA-256 of a plan, hex. */
export function digestPlan(document: PlanDocument): string {
  return createHash('sha256').update(canonicalJson(document)).digest('hex')
}

/** What differs between two plans, a line for each value: `iterations.prove: 3 then, 5 now`. */
export function comparePlans(then: PlanDocument, now: PlanDocument): string[] {
  const [old, own] = [flatten(then), flatten(now)]
  return [...new Set([...old.keys(), ...own.keys()])]
    .toSorted()
    .filter((path) => old.get(path) !== own.get(path))
    .map((path) => `${path}: ${old.get(path) ?? 'nothing'} then, ${own.get(path) ?? 'nothing'} now`)
}

function flatten(value: unknown, path = '', found = new Map<string, string>()): Map<string, string> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    if (value !== undefined) found.set(path, canonicalJson(value))
    return found
  }
  for (const [key, inner] of Object.entries(value)) flatten(inner, path ? `${path}.${key}` : key, found)
  return found
}

const MOST_PLANS = 200

/** Folder of the plans that ran on this machine: a row holds only the digest of its plan. */
export function planFolder(): string {
  return cacheDir('plans')
}

/** Keeps a plan, so that a later run can say what has changed. Without it a resume works all the same. */
export function keepPlan(document: PlanDocument): void {
  try {
    mkdirSync(planFolder(), { recursive: true, mode: 0o700 })
    writeFileSync(pathOf(digestPlan(document)), JSON.stringify(document), { flag: 'wx', mode: 0o600 })
    dropOldest()
  } catch {
    // It is there already, or the cache cannot be written.
  }
}

function dropOldest(): void {
  const paths = readdirSync(planFolder()).map((name) => join(planFolder(), name))
  if (paths.length <= MOST_PLANS) return
  const aged = paths.map((path) => ({ path, madeMs: statSync(path).mtimeMs }))
  aged.sort((a, b) => b.madeMs - a.madeMs)
  for (const { path } of aged.slice(MOST_PLANS)) rmSync(path)
}

/** The plan with this digest; undefined where it is not here, or is not what it was. */
export function recallPlan(sha256: string): PlanDocument | undefined {
  if (!/^[0-9a-f]{64}$/.test(sha256)) return undefined
  try {
    const document = JSON.parse(readFileSync(pathOf(sha256), 'utf8')) as PlanDocument
    return digestPlan(document) === sha256 ? document : undefined
  } catch {
    return undefined
  }
}

function pathOf(sha256: string): string {
  return join(planFolder(), `${sha256}.json`)
}
