import { styleText } from 'node:util'
import { addCounts, countGoTests, countStep, countVitest, type Count } from './count.ts'
import { runStep } from './run-step.ts'
import type { Step } from './steps.ts'

const COUNTERS = { step: countStep, vitest: countVitest, go: countGoTests }

/** Runs lanes of steps side by side, the steps of a lane one after another; returns the count of all. */
export async function runAll(...lanes: readonly (readonly Step[])[]): Promise<Count> {
  const counts = await Promise.all(lanes.map(runLane))
  return addCounts(counts.flat())
}

async function runLane(steps: readonly Step[]): Promise<Count[]> {
  const counts: Count[] = []
  for (const step of steps) counts.push(await runAndCount(step))
  return counts
}

async function runAndCount(step: Step): Promise<Count> {
  const result = await runStep(step)
  const count = await COUNTERS[step.counts](result)
  const { passed, failed } = count
  const figures = `${passed} passed, ${failed} failed in ${describeDuration(result.durationMs)}`
  console.log(`${styleText('bold', `> ${step.name}:`)} ${figures}`)
  return count
}

function describeDuration(ms: number): string {
  return ms < 60_000 ? `${(ms / 1000).toFixed(1)} s` : `${(ms / 60_000).toFixed(1)} min`
}
