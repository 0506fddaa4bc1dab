import { createHash } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { cacheDir } from '../../lib/cache.ts'
import { selectAffecting } from '../../plan/options.ts'
import type { Plan, PlannedTrack } from '../../plan/plan.ts'
import { canonicalJson } from '../../row/json.ts'

/** Everything that determines what a track measures, as plain data. Equal documents mean the same plan. */
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

/** Differences between two plans, one line per value: `iterations.prove: 3 then, 5 now`. */
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

/** Folder with the plans that ran on this machine. A row has only the digest of its plan. */
export function planFolder(): string {
  return cacheDir('plans')
}

/** Saves a plan so that a later run can show what changed. Resuming works without it. */
export function keepPlan(document: PlanDocument): void {
  try {
    mkdirSync(planFolder(), { recursive: true, mode: 0o700 })
    writeFileSync(pathOf(digestPlan(document)), JSON.stringify(document), { flag: 'wx', mode: 0o600 })
    dropOldest()
  } catch {
    // It already exists, or the cache is not writable.
  }
}

function dropOldest(): void {
  const paths = readdirSync(planFolder()).map((name) => join(planFolder(), name))
  if (paths.length <= MOST_PLANS) return
  const aged = paths.map((path) => ({ path, madeMs: statSync(path).mtimeMs }))
  aged.sort((a, b) => b.madeMs - a.madeMs)
  for (const { path } of aged.slice(MOST_PLANS)) rmSync(path)
}

/** The plan with this digest; undefined if it is missing or has been modified. */
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
