import { ProvemarkError } from './errors.ts'
import { nodeProblem } from './node-version.ts'

// The first import of each public entry point: modules are evaluated in import order.
if (nodeProblem) {
  const error = new ProvemarkError('NODE_UNSUPPORTED', nodeProblem)
  // The stack means nothing to the user.
  error.stack = `${error.code}: ${nodeProblem}`
  throw error
}
