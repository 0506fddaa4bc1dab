/** `npm test`: every check of the project, one after another, with one count of all at the end. */
import { styleText } from 'node:util'
import { countGoTests, countStep, countVitest, type Count } from './test/count.ts'
import { STEPS } from './test/steps.ts'
import { runStep } from './test/run-step.ts'

const COUNTERS = { step: countStep, vitest: countVitest, go: countGoTests }

const total: Count = { passed: 0, failed: 0 }
for (const step of STEPS) {
  const { name, counts } = step
  console.log(styleText('bold', `\n> ${name}`))
  const result = await runStep(step)
  const { passed, failed } = await COUNTERS[counts](result)
  console.log(`${name}: ${passed} passed, ${failed} failed in ${(result.durationMs / 1000).toFixed(1)} s`)
  total.passed += passed
  total.failed += failed
}
console.log(`\n${total.passed} passed, ${total.failed} failed`)
process.exitCode = total.failed ? 1 : 0
