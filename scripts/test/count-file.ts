import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import type { Count } from './count.ts'

/** Where `npm test` leaves its count for `npm run test:all -- --with-test`. */
const FILE = 'node_modules/.cache/provemark-test-count.json'

export function writeCount(count: Count): void {
  mkdirSync(dirname(FILE), { recursive: true })
  writeFileSync(FILE, JSON.stringify(count))
}

/** A count is used only once, so that it is never that of an older run; without one, the sum cannot be right. */
export function takeCount(): Count {
  try {
    const count = JSON.parse(readFileSync(FILE, 'utf8')) as Count
    rmSync(FILE)
    return count
  } catch {
    console.error('--with-test: npm test has left no count; run it first')
    return { passed: 0, failed: 1 }
  }
}
