import { rm } from 'node:fs/promises'
import { resolve } from 'node:path'
import { execa } from 'execa'
import { type Step, VITEST_REPORT } from './steps.ts'

export interface StepResult {
  exitCode: number
  stdout: string
  durationMs: number
}

/**
 * Runs a step. Vitest's output is shown live; that of a check is shown when it fails, since others run at the same
 * time.
 */
export async function runStep({ command, args, cwd = '.', env = {}, counts }: Step): Promise<StepResult> {
  const isLive = counts === 'vitest'
  // A run that dies before it has written its report must not be judged by an older one.
  if (isLive) await rm(VITEST_REPORT, { force: true })
  const {
    exitCode = 1,
    stdout,
    stderr,
    durationMs,
  } = await execa(command, args, {
    cwd: resolve(cwd),
    preferLocal: true,
    env,
    localDir: process.cwd(),
    reject: false,
    stdin: 'ignore',
    stdout: isLive ? ['pipe', 'inherit'] : 'pipe',
    stderr: isLive ? ['pipe', 'inherit'] : 'pipe',
  })
  // The output of `go test -json` is for counting: only its text is shown.
  if (counts === 'step' && exitCode) console.log(stdout)
  if (!isLive && exitCode) console.error(stderr)
  return { exitCode, stdout, durationMs }
}
