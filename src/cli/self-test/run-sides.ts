import { readMachine } from '../../system/machine.ts'
import { gateSchema } from '../../gate/options.ts'
import { generateLenet } from '../../model/generate/cnn.ts'
import { PointRun } from '../../point/point-run.ts'
import { resolveOptions, runSchema } from '../../plan/options.ts'
import type { Plan, PlannedProver } from '../../plan/plan.ts'
import { interleave } from '../../point/schedule.ts'
import { phasesOf, type Settings } from '../../prover/contract.ts'
import { PHASES, type Row } from '../../row/schema.ts'
import fixtureProver from './fixture-prover.ts'

interface SidesOptions {
  /** Settings of the fixture prover on both sides. */
  settings: [Settings, Settings]
  /** Iterations of every phase on both sides. */
  n: number
  /** Folder for all output. */
  dir: string
  signal: AbortSignal
}

/** Measures two sides of the fixture prover alternately, like `provemark compare`, and returns their rows. */
export async function runSides({ settings, n, dir, signal }: SidesOptions): Promise<Row[]> {
  const located = await fixtureProver.locate({})
  const provers = settings.map((own, i): PlannedProver => ({
    name: fixtureProver.name,
    source: fixtureProver.name,
    label: i === 0 ? 'a' : 'b',
    side: i === 0 ? 'a' : 'b',
    located,
    settings: own,
    phases: phasesOf(fixtureProver),
  }))
  const plan: Plan = {
    run_id: 'self-test',
    root: dir,
    options: resolveOptions(
      {
        ...runSchema.parse({ iterations: n, memory_guard: false, onnx_dir: dir, inputs_dir: dir }),
        work_dir: dir,
      },
      dir,
    ),
    machine: await readMachine(),
    provers,
    interleave: true,
    tracks: [],
    gate: { ...gateSchema.parse({}), budgets: [] },
  }
  const { seed } = plan.options
  const point = { id: 'lenet', params: { seed }, model: () => generateLenet({ seed }) }
  const progress = () => () => {}
  const runs = provers.map(
    (planned) => new PointRun({ plan, track: 'self-test', point, prover: fixtureProver, planned, progress }),
  )
  const rows: Row[] = []
  for (const phase of PHASES) {
    const sides = runs.map((run) => run.runPhase(phase, { signal, record: async () => {} }))
    rows.push(...(await interleave(sides)).flat())
  }
  for (const run of runs) await run.dispose()
  return rows
}
