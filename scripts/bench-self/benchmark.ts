/** One comparison of the table: provemark and what a user would use instead, both measured in one run. */
export interface Benchmark {
  /** For `--only`. */
  name: string
  what: string
  against: string
  /** What the machine needs in addition to Node and the Python environment; undefined if everything is available. */
  findMissing?: (context: Context) => string | undefined
  run: (context: Context) => Promise<Comparison[]>
}

export interface Context {
  /** Folder of the checkout. */
  root: string
  /** Empty folder of this benchmark, removed when the benchmark ends. */
  dir: string
  /** Fewer and smaller: to check that everything works, not to quote. */
  quick: boolean
  /** Python with duckdb, onnx and psutil. */
  python: string
  /** Python with torch and onnxscript, if the user named one. */
  torchPython: string | undefined
  /** An older build of the embedded prover, if the user named one. */
  before: string | undefined
}

/** Samples of both sides; the n-th of each are taken directly one after the other. */
export interface Comparison {
  what: string
  unit: 's' | 'ms' | 'MB'
  ours: number[]
  /** Absent if the limit is absolute. */
  other?: number[]
  commands: { ours: string; other?: string }
  /**
   * `ratio`: ours / other at most `limit`; `upper ratio`: its one-sided upper 95 % limit; `difference`: ours - other;
   * `absolute`: ours.
   */
  by: 'ratio' | 'upper ratio' | 'difference' | 'absolute'
  limit: number
}

/** A series over sizes, each ten times the one before: nothing may grow faster than linearly. */
export interface Growth {
  name: string
  what: string
  /** What the sizes count. */
  counted: string
  sizes: readonly number[]
  measure: (context: Context, size: number) => Promise<Omit<GrowthStep, 'size'>>
}

export interface GrowthStep {
  size: number
  timeS: number
  /** Absent if the series is only about CPU time. */
  memMb?: number
}

/** The steps of a series, one after the other; without the largest if it is to be quick. */
export async function measureGrowth({ sizes, measure }: Growth, context: Context): Promise<GrowthStep[]> {
  const steps: GrowthStep[] = []
  for (const size of context.quick ? sizes.slice(0, -1) : sizes) {
    steps.push({ size, ...(await measure(context, size)) })
  }
  return steps
}
