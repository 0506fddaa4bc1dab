import { readMachine } from '../../measure/machine.ts'
import { gateSchema } from '../../gate/schema.ts'
import { generateLenet } from '../../model/lenet.ts'
import { PointRun } from '../../point/point-run.ts'
import type { Plan, PlannedProver } from '../../point/plan.ts'
import { runInTurns } from '../../point/turns.ts'
import type { Settings } from '../../prover/contract.ts'
import { PHASES, type Row } from '../../row/schema.ts'
import { fixtureProver } from './fixture-prover.ts'

interface SidesOptions {
  /** Settings of the fixture prover on both sides. */
  settings: [Settings, Settings]
  /** Repetitions of every phase on both sides. */
  n: number
  /** Folder for all that is written. */
  dir: string
  signal: AbortSignal
}

/** Measures two sides of the fixture prover in turns, as `provemark compare` does, and returns their rows. */
export async function runSides({ settings, n, dir, signal }: SidesOptions): Promise<Row[]> {
  const located = await fixtureProver.locate({})
  const provers = settings.map((own, i): PlannedProver => ({
    name: fixtureProver.name,
    source: fixtureProver.name,
    label: i === 0 ? 'a' : 'b',
    side: i === 0 ? 'a' : 'b',
    located,
    settings: own,
  }))
  const plan: Plan = {
    run_id: 'self-test',
    seed: 42,
    tag: '',
    root: dir,
    iterations: { compile: n, witness: n, prove: n, verify: n },
    timeout_s: { compile: undefined, witness: undefined, prove: undefined, verify: undefined },
    memory_guard: false,
    controls: false,
    onnx_dir: dir,
    inputs_dir: dir,
    work_dir: dir,
    keep: 'none',
    fsync: false,
    machine: await readMachine(),
    provers,
    interleave: true,
    tracks: [],
    gate: { ...gateSchema.parse({}), budgets: [] },
  }
  const point = { id: 'lenet', params: { seed: plan.seed }, model: () => generateLenet({ seed: plan.seed }) }
  const progress = () => () => {}
  const runs = provers.map(
    (planned) => new PointRun({ plan, track: 'self-test', point, prover: fixtureProver, planned, progress }),
  )
  const rows: Row[] = []
  for (const phase of PHASES) {
    const sides = runs.map((run) => run.runPhase(phase, { signal, record: async () => {} }))
    rows.push(...(await runInTurns(sides)).flat())
  }
  for (const run of runs) await run.dispose()
  return rows
}
