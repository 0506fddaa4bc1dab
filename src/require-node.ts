import { ProvemarkError } from './errors.ts'
import { nodeProblem } from './node-version.ts'

// The first import of each entry point that others import: modules are evaluated in the order of their imports.
if (nodeProblem) {
  const error = new ProvemarkError('NODE_UNSUPPORTED', nodeProblem)
  // Where it was thrown says nothing to the user.
  error.stack = `${error.code}: ${nodeProblem}`
  throw error
}
