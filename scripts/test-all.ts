/**
 * `npm run test:all`: what `npm test` leaves out because it takes minutes. With `--with-test`, the count at the end
 * includes that of the `npm test` before it.
 */
import { parseArgs } from 'node:util'
import { addCounts } from './test/count.ts'
import { takeCount } from './test/count-file.ts'
import { runAll } from './test/run-all.ts'
import { LONG_STEPS } from './test/steps.ts'

const { values } = parseArgs({ options: { 'with-test': { type: 'boolean', default: false } } })
const startMs = performance.now()
let total = await runAll(LONG_STEPS)
console.log(`\ntest:all took ${((performance.now() - startMs) / 60_000).toFixed(1)} min`)
if (values['with-test']) {
  const before = takeCount()
  console.log(`npm test: ${before.passed} passed, ${before.failed} failed`)
  console.log(`npm run test:all: ${total.passed} passed, ${total.failed} failed`)
  total = addCounts([before, total])
}
console.log(`\n${total.passed} passed, ${total.failed} failed`)
process.exitCode = total.failed ? 1 : 0
