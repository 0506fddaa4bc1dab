import { styleText } from 'node:util'
import { countGoTests, countStep, countVitest, type Count } from './count.ts'
import { runStep } from './run-step.ts'
import type { Step } from './steps.ts'

const COUNTERS = { step: countStep, vitest: countVitest, go: countGoTests }

/** Runs steps one after another and says the count and the minutes of each; returns the count of all. */
export async function runAll(steps: readonly Step[]): Promise<Count> {
  const total: Count = { passed: 0, failed: 0 }
  for (const step of steps) {
    const { name, counts } = step
    console.log(styleText('bold', `\n> ${name}`))
    const result = await runStep(step)
    const { passed, failed } = await COUNTERS[counts](result)
    console.log(`${name}: ${passed} passed, ${failed} failed in ${describeDuration(result.durationMs)}`)
    total.passed += passed
    total.failed += failed
  }
  return total
}

function describeDuration(ms: number): string {
  return ms < 60_000 ? `${(ms / 1000).toFixed(1)} s` : `${(ms / 60_000).toFixed(1)} min`
}
