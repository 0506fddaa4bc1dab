import { canonicalJson } from '../../row/canonical-json.ts'
import type { PlanDocument } from './plan-document.ts'

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
