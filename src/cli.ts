#!/usr/bin/env node
import { nodeProblem } from './node-version.ts'

// Everything else is imported after the check: on an older Node it may not even load.
if (nodeProblem) {
  console.error(`NODE_UNSUPPORTED: ${nodeProblem}`)
  process.exitCode = 2
} else {
  await import('./cli/main.ts')
}
