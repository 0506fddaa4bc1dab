/** One comparison of the table: ours against what a user would take instead, both measured in one run. */
export interface Benchmark {
  /** For `--only`. */
  name: string
  what: string
  against: string
  /** What has to be on the machine beside Node and the Python environment; undefined where all is there. */
  findMissing?: (context: Context) => string | undefined
  run: (context: Context) => Promise<Comparison[]>
}

export interface Context {
  /** Folder of the checkout. */
  root: string
  /** Empty folder of this benchmark; it goes when the benchmark ends. */
  dir: string
  /** Fewer and smaller: to see that all works, not to quote. */
  quick: boolean
  /** Python with duckdb, onnx and psutil. */
  python: string
  /** Python with torch and onnxscript, if the user named one. */
  torchPython: string | undefined
}

/** Samples of both sides, the n-th of each taken right after one another. */
export interface Comparison {
  what: string
  unit: 's' | 'ms' | 'MB'
  ours: number[]
  /** Absent where the limit is absolute. */
  other?: number[]
  commands: { ours: string; other?: string }
  /** `ratio`: ours / other at most `limit`; `difference`: ours - other; `absolute`: ours. */
  by: 'ratio' | 'difference' | 'absolute'
  limit: number
}

/** A series over sizes, each ten times the one before: nothing may grow worse than linearly. */
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
  /** Absent where the series is of CPU time alone. */
  memMb?: number
}

/** The steps of a series, one after the other; where it is to be quick, without the largest. */
export async function measureGrowth({ sizes, measure }: Growth, context: Context): Promise<GrowthStep[]> {
  const steps: GrowthStep[] = []
  for (const size of context.quick ? sizes.slice(0, -1) : sizes) {
    steps.push({ size, ...(await measure(context, size)) })
  }
  return steps
}
