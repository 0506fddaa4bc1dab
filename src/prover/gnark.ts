import { readFile } from 'node:fs/promises'
import { z } from 'zod'
import { ProvemarkError } from '../errors.ts'
import type { Workload } from '../model/workload.ts'
import type { Phase } from '../row/schema.ts'
import { findProgram, getProgram } from '../system/go/program.ts'
import type { Files, LocatedProver, PhaseSpec, Prover, Settings } from './contract.ts'
import { readKeyValueCounters, readLastNumber, where } from './counters.ts'
import { describeExecutable, readJson } from './executable.ts'
import { longFlags, phaseByFlags } from './phase-command.ts'

const COUNTERS = [
  'numConstraints',
  'numInstructions',
  'numInternal',
  'numSecret',
  'numPublic',
  'numTerms',
  'numLookups',
  'numVars',
  'totalCost',
]

const PROGRAM = 'provemark-gnark'

/**
 * The prover that comes with the package: a small Go program, prebuilt for common platforms, otherwise built once from
 * the folder gnark/.
 */
export const gnark: Prover = {
  name: 'gnark',
  title: 'embedded prover: Groth16 over BN254 on gnark',
  options: z.object({
    scale_bits: z.int().min(4).max(16).describe('fractional bits of the quantised model').default(12),
    input_range: z
      .string()
      .regex(/^-?[\d.]+:-?[\d.]+$/)
      .describe('LO:HI, the values that an input may hold')
      .default('-1:1'),
  }),
  security: {
    scheme: 'Groth16',
    field: 'BN254 scalar field',
    setup: 'local, insecure: for measuring only',
    bits: 'unknown',
    zero_knowledge: true,
    weights: 'fixed',
    input: 'hidden',
    output: 'public',
  },
  async locate({ bin, build = true, onProgress }) {
    if (bin) return describeGnark(bin)
    const program = await (build ? getProgram(PROGRAM, onProgress) : findProgram(PROGRAM))
    if ('missing' in program) {
      const message = `prover gnark: not built yet, and not prebuilt: ${program.missing}`
      throw new ProvemarkError('PROVER_NOT_FOUND', message, {
        hint: 'npx provemark setup gnark; the first run builds it, too',
      })
    }
    return { ...(await describeGnark(program.path)), origin: program.origin }
  },
  artifacts: {
    circuit: { file: 'circuit.bin', deterministic: true },
    // Keys and proofs are random, their sizes are not.
    pk: { file: 'pk.bin', deterministic: 'size' },
    vk: { file: 'vk.bin', deterministic: 'size' },
    quantized: { file: 'quantized.json', deterministic: true },
    witness: { file: 'witness.bin', deterministic: 'size' },
    output: { file: 'output.json', deterministic: true },
    proof: { file: 'proof.bin', deterministic: 'size' },
  },
  phases: {
    compile: phase(
      'compile',
      ['model'],
      ['circuit', 'pk', 'vk', 'quantized'],
      ({ scale_bits, input_range }) => [
        `--scale-bits=${String(scale_bits)}`,
        `--input-range=${String(input_range).replace(':', ',')}`,
      ],
    ),
    witness: phase('witness', ['circuit', 'quantized', 'input'], ['output', 'witness']),
    prove: phase('prove', ['circuit', 'pk', 'witness'], ['proof']),
    verify: phase('verify', ['vk', 'proof', 'output'], []),
  },
  counters: COUNTERS,
  keep: /totalCost=|prover_time_s=|peak_rss_mb=|output_error_|^error: /,
  read: (output) => ({
    refused: /^error: UNSUPPORTED_\w+: (.+)/m.exec(output)?.[1],
    counters: readKeyValueCounters(output, COUNTERS),
    ...where('timeS', readLastNumber(output, /prover_time_s=([\d.]+)/g)),
    ...where('memMb', readLastNumber(output, /peak_rss_mb=([\d.]+)/g)),
    extra: {
      ...where('output_error_bound', readLastNumber(output, /output_error_bound=([\d.e+-]+)/g)),
      ...where('output_error_estimate', readLastNumber(output, /output_error_estimate=([\d.e+-]+)/g)),
    },
  }),
  predictPeakMb,
  verifyExit: { accepted: [0], rejected: [1] },
  tamper: {
    proof: { artifact: 'proof', forge: negatePoint },
    output: { artifact: 'output', forge: raiseOutput },
  },
  provedOutput: {
    read: readOutput,
    from: 'witness',
    // The bound is sound but loose; the estimate is six standard deviations, so an error four times as large is
    // practically impossible.
    tolerance: ({ extra: { output_error_bound: bound, output_error_estimate: estimate } }) => {
      const tolerance = Math.min(Number(bound ?? Infinity), 4 * Number(estimate ?? Infinity))
      // If a function may have no value near the argument, neither figure is finite, so there is no bound.
      return Number.isFinite(tolerance) ? tolerance : NaN
    },
  },
}

/** The program itself says what it proves; another one, given as bin=PATH, may say nothing. */
async function describeGnark(path: string): Promise<LocatedProver> {
  const located = await describeExecutable(path, ['version'])
  const said = await readJson(located.bin, ['operators'])
  const { success, data } = z.array(z.string()).safeParse(said)
  return success ? { ...located, operators: data } : located
}

function phase(
  name: Phase,
  reads: readonly string[],
  writes: readonly string[],
  optionFlags: (settings: Settings) => string[] = () => [],
): PhaseSpec {
  return phaseByFlags([name], writes, longFlags(...reads, ...writes), ({ settings }) => [
    ...optionFlags(settings),
    ...(settings.threads ? [`--threads=${settings.threads}`] : []),
  ])
}

/** The program's output.json: each number is its integer / 2^scale_bits. */
interface Output {
  output: number[]
  ints: number[]
  scale_bits: number
}

/** The proved integers in the model's own scale. */
async function readOutput({ output = '' }: Files): Promise<number[]> {
  const { ints, scale_bits } = JSON.parse(await readFile(output, 'utf8')) as Output
  return ints.map((int) => int / 2 ** scale_bits)
}

/** The proof with its first point negated: well-formed, so only the pairing can refuse it. */
function negatePoint(bytes: Uint8Array): Uint8Array {
  const forged = Uint8Array.from(bytes)
  // The second highest bit of a compressed point selects one of the two y coordinates.
  forged[0]! ^= 0x40
  return forged
}

/** The last integer and its number, both incremented: they are consistent, so only the proof can refuse them. */
function raiseOutput(bytes: Uint8Array): Uint8Array {
  const { ints, scale_bits } = JSON.parse(Buffer.from(bytes).toString('utf8')) as Output
  const last = ints.at(-1)!
  // One more, or the next representable number if a JavaScript number is too large for that.
  const raised = [...ints.slice(0, -1), last + Math.max(1, Math.abs(last) * Number.EPSILON * 2)]
  const output = raised.map((int) => int / 2 ** scale_bits)
  return Buffer.from(JSON.stringify({ output, ints: raised, scale_bits }))
}

/** Memory of the program before it reads anything, MB. */
const BASE_MB = 40
/**
 * MB per multiplication, and per value that a layer makes. On eight CNNs of 62,006 to 6.4 million parameters the
 * prediction is 11 to 42 % above what the largest phase takes (median of three runs; a single run took 16 % more than
 * its median).
 */
const MB_PER_MULTIPLICATION = 4e-5
const MB_PER_OUTPUT = 4e-3
/**
 * MB per value of a function or a product. At 2,048 and 8,192 values of one operator, the largest phase takes 0.0073
 * (Sigmoid) to 0.0153 MB (LayerNormalization) more per value.
 */
const MB_PER_FUNCTION = 0.0155
/**
 * Saved MB per value of a function that reads a layer: the two share a rescaling. On six transformers of 37,054 to
 * 1,342,627 constraints the prediction is 12 to 45 % above what the largest phase takes.
 */
const MB_SHARED_WITH_LAYER = 0.0075

/** Peak memory of the largest phase, MB. */
function predictPeakMb({
  unknown,
  convMultiplications = 0,
  denseMultiplications = 0,
  layerOutputs = 0,
  functionOutputs = 0,
}: Workload): number | undefined {
  if (unknown !== undefined) return undefined
  return (
    BASE_MB +
    MB_PER_MULTIPLICATION * (convMultiplications + denseMultiplications) +
    MB_PER_OUTPUT * layerOutputs +
    MB_PER_FUNCTION * functionOutputs -
    MB_SHARED_WITH_LAYER * Math.min(layerOutputs, functionOutputs)
  )
}
