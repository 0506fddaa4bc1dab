import { readFile } from 'node:fs/promises'
import type { StepResult } from './run-step.ts'
import { VITEST_REPORT } from './steps.ts'

export interface Count {
  passed: number
  failed: number
}

export function addCounts(counts: readonly Count[]): Count {
  return {
    passed: counts.reduce((sum, { passed }) => sum + passed, 0),
    failed: counts.reduce((sum, { failed }) => sum + failed, 0),
  }
}

export function countStep({ exitCode }: StepResult): Count {
  return exitCode === 0 ? { passed: 1, failed: 0 } : { passed: 0, failed: 1 }
}

interface VitestReport {
  numPassedTests: number
  numFailedTests: number
}

/** A run that failed outside its tests, or left no report, counts as one failure. */
export async function countVitest({ exitCode }: StepResult): Promise<Count> {
  const report = await readFile(VITEST_REPORT, 'utf8').then(
    (text) => JSON.parse(text) as VitestReport,
    () => undefined,
  )
  if (!report) return { passed: 0, failed: 1 }
  return atLeastOneFailure({ passed: report.numPassedTests, failed: report.numFailedTests }, exitCode)
}

export function countGoTests({ stdout, exitCode }: StepResult): Count {
  const events = stdout.split('\n').flatMap(readEvent)
  for (const { Action, Output = '' } of events) {
    if (Action === 'output' && /^(--- FAIL|FAIL|ok|panic|\s+\S+\.go:)/.test(Output.trimStart()))
      process.stdout.write(Output)
  }
  const ended = (action: string) => events.filter(({ Action, Test }) => Action === action && Test).length
  return atLeastOneFailure({ passed: ended('pass'), failed: ended('fail') }, exitCode)
}

function readEvent(line: string): { Action: string; Test?: string; Output?: string }[] {
  try {
    return line ? [JSON.parse(line)] : []
  } catch {
    // Build errors appear between the events as plain text.
    console.log(line)
    return []
  }
}

function atLeastOneFailure({ passed, failed }: Count, exitCode: number): Count {
  return { passed, failed: exitCode === 0 ? failed : Math.max(1, failed) }
}
