import { randomUUID } from 'node:crypto'
import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { chooseProvers } from '../config/provers.ts'
import { readMachine } from '../system/machine.ts'
import { generateCnn } from '../model/generate/cnn.ts'
import type { OnnxModel } from '../model/onnx.ts'
import { resolveOptions, runSchema } from '../plan/options.ts'
import { phasesOf } from '../prover/contract.ts'
import { Session } from '../point/session.ts'
import type { PointJob } from '../point/point.ts'

export interface SubjectOptions {
  /** Folder that a relative module path starts from; default: the current one. */
  root?: string
  /** The model to prove; default: a CNN of one block on 4x8x8 values, 1,358 parameters. */
  model?: OnnxModel
  /** Timeout for one phase, seconds; default 300. */
  timeoutS?: number
}

/** A prover under test: the job that proves a tiny model with it, in a separate folder. */
export interface Subject {
  job: PointJob
  dir: string
}

const TINY = { depth: 1, input_hw: 8, in_ch: 4, conv_out_ch: 4, fc_hidden: 16, n_actions: 10, seed: 42 }

/**
 * Finds the prover; builds or downloads it if provemark can.
 * @param spec as in `provers`: a name, the path of a module, `NAME,bin=PATH,KEY=VALUE`
 * @throws ProvemarkError CONFIG_INVALID, PROVER_NOT_FOUND or PROVER_SETUP_FAILED
 */
export async function openSubject(spec: string, options: SubjectOptions): Promise<Subject> {
  const { root = process.cwd(), model = generateCnn(TINY), timeoutS = 300 } = options
  const [{ prover, source, bin, settings }] = (await chooseProvers([spec], { root })) as [
    Awaited<ReturnType<typeof chooseProvers>>[number],
  ]
  const located = await prover.locate(bin ? { bin } : {})
  const dir = await mkdtemp(join(tmpdir(), 'provemark-conformance-'))
  const plan = {
    run_id: randomUUID(),
    root,
    machine: await readMachine(root),
    options: resolveOptions(
      {
        ...runSchema.parse({
          seed: TINY.seed,
          iterations: { compile: 2, witness: 2, prove: 2, verify: 1 },
          timeout_s: timeoutS,
          controls: true,
          onnx_dir: join(dir, 'onnx'),
          inputs_dir: join(dir, 'inputs'),
          keep: 'all',
        }),
        work_dir: join(dir, 'work'),
      },
      root,
    ),
  }
  const job: PointJob = {
    plan,
    track: 'conformance',
    point: { id: 'tiny', params: {}, model },
    prover,
    session: new Session(),
    planned: { name: prover.name, source, label: prover.name, located, settings, phases: phasesOf(prover) },
    progress: () => () => {},
  }
  return { job, dir }
}
