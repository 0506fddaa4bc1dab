import { resolve } from 'node:path'
import { execa } from 'execa'
import type { Step } from './steps.ts'

export interface StepResult {
  exitCode: number
  stdout: string
  durationMs: number
}

/** Runs a step in the open. The output of `go test -json` is for counting: only its text is shown. */
export async function runStep({ command, args, cwd = '.', env = {}, counts }: Step): Promise<StepResult> {
  const {
    exitCode = 1,
    stdout,
    durationMs,
  } = await execa(command, args, {
    cwd: resolve(cwd),
    preferLocal: true,
    env,
    localDir: process.cwd(),
    reject: false,
    stdin: 'ignore',
    stdout: counts === 'go' ? 'pipe' : ['pipe', 'inherit'],
    stderr: 'inherit',
  })
  return { exitCode, stdout, durationMs }
}
