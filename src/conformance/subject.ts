import { randomUUID } from 'node:crypto'
import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { chooseProvers } from '../config/provers.ts'
import { ProvemarkError } from '../errors.ts'
import { listNodes, nameOperator } from '../model/graphs.ts'
import { generateCnn } from '../model/generate/cnn.ts'
import { generateMlp } from '../model/generate/networks.ts'
import { generateOperator, OPERATOR_NAMES } from '../model/generate/operators.ts'
import type { OnnxModel } from '../model/onnx.ts'
import { resolveOptions, runSchema } from '../plan/options.ts'
import { pathsOfWrites } from '../point/artifacts.ts'
import type { Point, PointJob } from '../point/point.ts'
import { copyInput, preparePointFiles } from '../point/point-files.ts'
import { PointRun } from '../point/point-run.ts'
import { Session } from '../point/session.ts'
import { phasesOf, type Files, type LocatedProver, type Prover } from '../prover/contract.ts'
import type { Row } from '../row/schema.ts'
import { readMachine } from '../system/machine.ts'

export interface SubjectOptions {
  /** Folder that relative paths start from; default: the current one. */
  root?: string
  /**
   * The model to prove, or the path of an ONNX file. Default: a CNN of one block on 4x8x8 values, 1,358 parameters, or
   * the first of a perceptron, a layer and a single operator that consists of operators that the prover has.
   */
  model?: OnnxModel | string
  /** In place of a model: the path of another file, such as a circuit, for a prover that reads one. */
  workload?: string
  /** The path of an input file, or its values; default: drawn for the model. */
  input?: string | number[]
  /** Parameters of the point, for a prover whose commands or functions name some. */
  params?: Record<string, unknown>
  /** Timeout for one phase, seconds; default 300. */
  timeoutS?: number
}

/** A prover under test: the job that proves a tiny workload with it, in a separate folder. */
export interface Subject {
  job: PointJob
  dir: string
}

const SEED = 42
const TINY = { depth: 1, input_hw: 8, in_ch: 4, conv_out_ch: 4, fc_hidden: 16, n_actions: 10, seed: SEED }

/**
 * Finds the prover; builds or downloads it if provemark can.
 * @param spec as in `provers`: a name, the path of a module, `NAME,bin=PATH,KEY=VALUE`
 * @throws ProvemarkError CONFIG_INVALID, PROVER_NOT_FOUND or PROVER_SETUP_FAILED
 */
export async function openSubject(spec: string, options: SubjectOptions): Promise<Subject> {
  const { root = process.cwd(), timeoutS = 300 } = options
  const [chosen] = await chooseProvers([spec], { root })
  const { prover, source, bin, settings } = chosen!
  const located = await prover.locate(bin ? { bin } : {})
  const point = choosePoint(prover, located, { ...options, root })
  const dir = await mkdtemp(join(tmpdir(), 'provemark-conformance-'))
  const plan = {
    run_id: randomUUID(),
    root,
    machine: await readMachine(root),
    options: resolveOptions(
      {
        ...runSchema.parse({
          seed: SEED,
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
    point,
    prover,
    session: new Session(),
    planned: { name: prover.name, source, label: prover.name, located, settings, phases: phasesOf(prover) },
    progress: () => () => {},
  }
  return { job, dir }
}

/**
 * @throws ProvemarkError CONFIG_INVALID for a prover that needs an option that was not given, or proves none of the
 * known models
 */
function choosePoint(
  prover: Prover,
  located: LocatedProver,
  { root, model, workload, input, params = {} }: SubjectOptions & { root: string },
): Point {
  const refuse = (what: string, hint: string) =>
    new ProvemarkError('CONFIG_INVALID', `conformance of ${prover.name}: ${what}`, { hint })
  const missing = (prover.params ?? []).filter((name) => !(name in params))
  if (missing.length)
    throw refuse(
      `its commands name ${missing.map((name) => `{params.${name}}`).join(', ')}`,
      `give checkConformance { params: { ${missing.map((name) => `${name}: …`).join(', ')} } }`,
    )
  const from = (path: string) => resolve(root, path)
  const common = {
    id: 'tiny',
    params,
    ...(input === undefined ? {} : { input: typeof input === 'string' ? from(input) : input }),
  }
  if (workload !== undefined) return { ...common, workload: from(workload) }
  if (model !== undefined) return { ...common, model: typeof model === 'string' ? from(model) : model }
  const phases = Object.values(prover.phases)
  const named = new Set(phases.filter(({ readsAny }) => !readsAny).flatMap(({ reads }) => reads))
  if (named.has('workload'))
    throw refuse('it reads a file that is no ONNX model', "give checkConformance { workload: 'PATH' }")
  if (!named.has('model') && !phases.some(({ readsAny }) => readsAny)) return common
  const tiny = chooseModel(prover, located.operators ?? prover.operators)
  if (tiny) return { ...common, model: tiny }
  throw refuse(
    'none of the tiny models consists of the operators that it proves',
    "give checkConformance { model: 'PATH' }, an ONNX model that it accepts",
  )
}

/** The first tiny model that consists of these operators, and that the prover does not refuse. */
function chooseModel(prover: Prover, operators: readonly string[] | undefined): OnnxModel | undefined {
  const proves = (model: OnnxModel) =>
    (!operators || listNodes(model).every((node) => operators.includes(nameOperator(node)))) &&
    prover.refuse?.(model) === undefined
  const perceptron = { width: 8, activation: 'relu', seed: SEED } as const
  const makers: (() => OnnxModel)[] = [
    () => generateCnn(TINY),
    () => generateMlp({ ...perceptron, layers: 1 }),
    () => generateMlp({ ...perceptron, layers: 0 }),
    ...OPERATOR_NAMES.map((name) => () => generateOperator(name, 8, SEED)),
  ]
  for (const make of makers) {
    const model = make()
    if (proves(model)) return model
  }
  return undefined
}

/** Results of an honest run: the rows of two iterations (one verify), and the files of the first. */
export interface HonestRun {
  rows: Row[]
  /** Every file by name; absent if compile did not get that far. */
  files?: Files
  dir?: string
}

/** Runs all phases on the tiny workload, as a benchmark does. */
export async function runHonestly(job: PointJob): Promise<HonestRun> {
  const rows: Row[] = []
  const run = new PointRun(job)
  const signal = new AbortController().signal
  for (const phase of run.phases) {
    for await (const row of run.runPhase(phase, { signal, record: async () => {} })) rows.push(row)
  }
  const dir = rows.find((row) => row.tmpdir)?.tmpdir
  return dir ? { rows, dir, files: await listFiles(job, dir) } : { rows }
}

async function listFiles(job: PointJob, dir: string): Promise<Files> {
  const { prover, planned, point, plan } = job
  const given = await preparePointFiles(point, plan)
  const copy = await copyInput(prover, given, planned.settings, dir)
  const made = phasesOf(prover).map((phase) => pathsOfWrites(prover, phase, dir))
  return Object.assign({ ...given.files, ...copy }, ...made)
}

/** Folder of the other iteration of the same run. */
export function otherDir(dir: string): string {
  return `${dirname(dir)}/2`
}
