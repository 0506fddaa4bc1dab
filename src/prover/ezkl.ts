import { join } from 'node:path'
import { z } from 'zod'
import { cacheDir } from '../lib/cache.ts'
import { packageRoot } from '../lib/own-package.ts'
import type { Workload } from '../model/workload.ts'
import type { CommandPhase, PhaseContext, Prover } from './contract.ts'
import { readKeyValueCounters, readLastNumber, where } from './counters.ts'
import { encodeInput, flipOutput, flipProof, readOutputs } from './ezkl/files.ts'
import { locateEzkl } from './ezkl/locate.ts'
import { explainByQuantisation } from './ezkl/tolerance.ts'
import { longFlags, phaseByFlags } from './phase-command.ts'

const COUNTERS = [
  'num_rows',
  'total_assignments',
  'total_const_size',
  'logrows',
  'required_lookups',
  'required_range_checks',
]

/** ezkl: Halo2 with KZG commitments, through its command if that is on PATH, otherwise through its Python package. */
export const ezkl: Prover = {
  name: 'ezkl',
  title: 'ezkl: Halo2 with KZG over BN254, through its Python package or its command',
  options: z.object({
    scale_bits: z.int().min(1).max(20).describe('fractional bits of inputs and parameters').default(7),
    inner_cols: z.int().min(1).max(16).describe('inner columns of the circuit').default(2),
  }),
  security: {
    scheme: 'PLONKish (Halo2, KZG)',
    field: 'BN254 scalar field',
    setup: 'SRS made locally, insecure: for measuring only',
    bits: 'unknown',
    zero_knowledge: true,
    // What the runner requests: the defaults of the Python package.
    weights: 'fixed',
    input: 'public',
    output: 'public',
  },
  locate: locateEzkl,
  artifacts: {
    settings: { file: 'settings.json' },
    circuit: { file: 'model.ezkl', deterministic: 'size' },
    // Constant size: their bytes depend on the SRS and have been seen to differ from compile to compile.
    pk: { file: 'pk.key', deterministic: 'size' },
    vk: { file: 'vk.key', deterministic: 'size' },
    witness: { file: 'witness.json', deterministic: true },
    proof: { file: 'proof.json' },
  },
  input: { file: 'input_data.json', encode: encodeInput },
  phases: {
    compile: {
      ...phase('compile', ['model', 'input'], ['settings', 'circuit', 'pk', 'vk'], optionFlags),
      prepare: phase('prepare', ['model', 'input'], [], limitOf).command,
    },
    witness: phase('witness', ['circuit', 'input'], ['witness']),
    prove: phase('prove', ['settings', 'circuit', 'pk', 'witness'], ['proof']),
    verify: phase('verify', ['settings', 'vk', 'proof'], []),
  },
  counters: [...COUNTERS, 'totalCost'],
  keep: /total_assignments=|phase_time_s=|srs_time_s=|prepared_logrows=/,
  read(output, phaseName) {
    const counters = readKeyValueCounters(output, COUNTERS)
    const { total_assignments } = counters
    const logrows = readLastNumber(output, /\bprepared_logrows=(\d+)/g)
    return {
      ...(phaseName === 'compile'
        ? { counters: { ...counters, ...where('totalCost', total_assignments) } }
        : {}),
      ...where('timeS', readLastNumber(output, /\bphase_time_s=([\d.]+)/g)),
      ...where('predictedPeakMb', logrows === undefined ? undefined : peakMbAt(logrows)),
      extra: { ...where('srs_time_s', readLastNumber(output, /\bsrs_time_s=([\d.]+)/g)) },
    }
  },
  predictPeakMb(model, settings) {
    const logrows = predictLogrows(model, Number(settings['scale_bits']))
    return logrows === undefined ? undefined : peakMbAt(logrows)
  },
  tamper: {
    proof: { artifact: 'proof', forge: flipProof },
    output: { artifact: 'proof', forge: flipOutput },
  },
  provedOutput: {
    read: readOutputs,
    tolerance: (context) => explainByQuantisation(context, Number(context.settings['scale_bits'])),
  },
}

/** A phase by the runner, which takes each artifact as a flag of the same name. */
function phase(
  name: string,
  reads: readonly string[],
  writes: readonly string[],
  more: (context: PhaseContext) => readonly string[] = () => [],
): CommandPhase {
  const byFlags = phaseByFlags([], writes, longFlags(...reads, ...writes), (context) => [
    ...(name === 'witness' ? [] : ['--srs-dir', cacheDir('ezkl', 'srs')]),
    ...more(context),
  ])
  return {
    ...byFlags,
    command(context) {
      const { located, settings } = context
      const [python, via] =
        located.variant === 'command' ? ['python3', ['--ezkl', located.bin]] : [located.bin, []]
      const runner = join(packageRoot(), 'src/prover/ezkl/runner.py')
      return {
        file: python,
        args: [runner, name, ...via, ...byFlags.command(context).args],
        ...(settings.threads ? { env: { RAYON_NUM_THREADS: String(settings.threads) } } : {}),
      }
    },
  }
}

function optionFlags({ settings }: PhaseContext): string[] {
  return [`--scale-bits=${String(settings['scale_bits'])}`, `--inner-cols=${String(settings['inner_cols'])}`]
}

/** Making an SRS that is too large for this machine would take minutes. */
function limitOf(context: PhaseContext): string[] {
  const { limitMb } = context
  const flags = optionFlags(context)
  if (limitMb === undefined) return flags
  const logrows = Math.floor(Math.log2(limitMb / peakMbAt(0)))
  return [...flags, `--max-logrows=${Math.max(1, logrows)}`]
}

/**
 * Peak memory per row of the table, MB: ezkl 23.0.5 took 716, 1,444 and 2,760 MB at 2^15, 2^16 and 2^17 rows, and
 * 21.9 GB at 2^20, always in prove.
 */
const MB_PER_ROW = 0.0221
/** ezkl's own minimum: its range checks need a column of 2^14 values. */
const LEAST_LOGROWS = 15

/** Peak memory of the largest phase at 2^logrows rows, MB. */
export function peakMbAt(logrows: number): number {
  return 2 ** logrows * MB_PER_ROW
}

/**
 * Rows that a model takes, as a logarithm to base 2: fitted to 78 CNNs of 1 to 5 blocks, within -11 and +7 %. A
 * twentieth is subtracted, so that a borderline model is tried: calibration finds the exact number before the SRS is
 * made.
 */
export function predictLogrows(model: Workload, scaleBits: number): number | undefined {
  const { unknown, convMultiplications = 0, denseMultiplications = 0, layerOutputs = 0, layers } = model
  if (unknown !== undefined) return undefined
  // Up to 28 bits fit the range checks, so that no layer has to be scaled back.
  const isScaledBack = scaleBits * (layers + 1) > 28
  const rows = isScaledBack
    ? 0.283 * convMultiplications + 0.636 * denseMultiplications + 55.5 * layerOutputs
    : 1.226 * convMultiplications + 0.315 * denseMultiplications
  return Math.max(LEAST_LOGROWS, Math.ceil(Math.log2(0.95 * rows)))
}
