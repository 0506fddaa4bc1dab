import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { locateJudgePython } from './venv.ts'

export interface JudgedPort {
  shape: number[]
  values: number[]
}

export interface JudgeCase {
  model: string
  inputs: Record<string, { shape: number[]; values: ArrayLike<number> }>
}

export type Verdict =
  | { outputs: Record<string, JudgedPort>; error?: never }
  | { error: string; outputs?: never }

/** What onnx.checker (with full checks) and onnxruntime say of models. */
export function runInOnnxruntime(cases: readonly JudgeCase[]): Verdict[] {
  const plain = cases.map(({ model, inputs }) => ({
    model,
    inputs: Object.fromEntries(
      Object.entries(inputs).map(([name, { shape, values }]) => [
        name,
        { shape, values: Array.from(values) },
      ]),
    ),
  }))
  return JSON.parse(runJudge('run_models.py', [], JSON.stringify(plain)))
}

/** The output of a judge, run in a folder if one is given. */
export function runJudge(script: string, args: readonly string[], stdin = '', cwd?: string): string {
  const { status, stdout, stderr, error } = spawnSync(
    locateJudgePython(),
    [join(import.meta.dirname, script), ...args],
    { input: stdin, encoding: 'utf8', maxBuffer: 2 ** 28, ...(cwd ? { cwd } : {}) },
  )
  if (status === 0) return stdout
  throw new Error(`the judge ${script} failed (npm run pretest sets it up): ${error?.message ?? stderr}`)
}
