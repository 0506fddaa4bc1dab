import type { Benchmark, Growth } from './benchmark.ts'
import { modelGrowth } from './growth/model.ts'
import { outputGrowth } from './growth/output.ts'
import { pointsGrowth } from './growth/points.ts'
import { processesGrowth } from './growth/processes.ts'
import { iterationsGrowth } from './growth/iterations.ts'
import { rowsGrowth } from './growth/rows.ts'
import { append } from './rows/append.ts'
import { before } from './rows/before.ts'
import { ezkl } from './rows/ezkl.ts'
import { generate } from './rows/generate.ts'
import { inspect } from './rows/inspect.ts'
import { overhead } from './rows/overhead.ts'
import { sampler } from './rows/sampler.ts'
import { shell } from './rows/shell.ts'
import { start } from './rows/start.ts'
import { summary } from './rows/summary.ts'
import { sweep } from './rows/sweep.ts'
import { transformer } from './rows/transformer.ts'

/** Quick ones first, so that breakage shows early. */
export const BENCHMARKS: readonly Benchmark[] = [
  append,
  start,
  overhead,
  shell,
  generate,
  inspect,
  sampler,
  summary,
  sweep,
  before,
  transformer,
  ezkl,
]
export const GROWTHS: readonly Growth[] = [
  pointsGrowth,
  iterationsGrowth,
  outputGrowth,
  modelGrowth,
  rowsGrowth,
  processesGrowth,
]
