import { encode } from '@msgpack/msgpack'
import { z } from 'zod'
import type { PortValues } from '../model/ports.ts'
import type { Counters } from '../row/schema.ts'
import type { CommandPhase, PhaseReport, Prover, Settings } from './contract.ts'
import {
  parseObject,
  plainText,
  readKeyValueCounters,
  readLastNumber,
  readLastSeconds,
  where,
} from './counters.ts'
import { DIGITS, parseCount, STARTS } from './number.ts'
import { describeProgram, findExecutable } from './executable.ts'
import { phaseByFlags, shortFlags } from './phase-command.ts'

/** Counters by the noun after their number in a compile's details. */
const NOUNS: Readonly<Record<string, string>> = {
  input: 'numInputs',
  constraint: 'numConstraints',
  var: 'numVars',
  layer: 'numLayer',
  segment: 'numSegment',
  mul: 'numMul',
  add: 'numAdd',
}
const COUNTERS = Object.values(NOUNS)

/**
 * JSTprove's Rust command (2.8 and newer), installed by a user whose licence allows it. Forgeries are not applicable:
 * none has ever been tried on it.
 */
export const jstprove: Prover = {
  name: 'jstprove',
  title: "JSTprove's jstprove command, brought by the user",
  options: z.object({
    scale_bits: z.int().min(1).max(40).describe('fractional bits of the quantised input').default(18),
    json: z
      .boolean()
      .describe('ask for events as JSON lines, which some versions have and others refuse')
      .default(false),
  }),
  threads: false,
  security: { scheme: 'GKR (Expander)', field: 'unknown', setup: 'unknown', bits: 'unknown' },
  locate: locateBrought('jstprove'),
  artifacts: {
    circuit: { file: 'circuit.bundle' },
    witness: { file: 'witness.bin' },
    output: { file: 'output.msgpack' },
    proof: { file: 'proof.bin' },
  },
  input: { file: 'input.msgpack', encode: quantise },
  phases: {
    compile: phase('msgpack_compile', ['circuit'], { '--onnx': 'model', '-c': 'circuit' }),
    witness: phase(
      'run_gen_witness',
      ['output', 'witness'],
      shortFlags('circuit', 'input', 'output', 'witness'),
    ),
    prove: phase('run_prove_witness', ['proof'], shortFlags('circuit', 'witness', 'proof')),
    // Without both -i and -o the public inputs are not checked.
    verify: phase('run_gen_verify', [], shortFlags('circuit', 'input', 'output', 'witness', 'proof')),
  },
  // It prints no totalCost: a budget on it has to report it as missing.
  counters: [...COUNTERS, 'totalCost'],
  keep: /constraints|layers|num[A-Z]\w*|\bdone\b/i,
  read: (output, phaseName) => readSteps(output, phaseName === 'compile' ? readCounters : undefined),
}

/** What both of JSTprove's commands print: steps, and how long all of them took. */
export function readSteps(output: string, readCompiled?: (text: string) => Counters): PhaseReport {
  const text = expandEvents(output)
  const elapsedMs = readLastNumber(text, /\belapsed_ms=([\d.]+)/g)
  return {
    ...(readCompiled ? { counters: readCompiled(text) } : {}),
    ...where(
      'timeS',
      elapsedMs === undefined
        ? readLastSeconds(text, /\bdone\b.*?\bin (\d[\d.,]*\s*[a-zµμ]+(?:\d\S*)?)/gi)
        : elapsedMs / 1000,
    ),
  }
}

/** A subcommand that takes each file by a flag. */
export function phase(
  subcommand: string,
  writes: readonly string[],
  flags: Readonly<Record<string, string>>,
): CommandPhase {
  return phaseByFlags([subcommand], writes, flags, ({ settings }) => (settings['json'] ? ['--json'] : []))
}

/** Finds a program that the user has installed, if the licence allows that. */
export function locateBrought(name: string): Prover['locate'] {
  const hint = `install ${name} where its licence allows you to, or name it: --prover ${name},bin=PATH`
  return async ({ bin }) => describeProgram(await findExecutable(name, bin, hint), ['--version'])
}

/** The command takes integers at its own scale. */
function quantise(inputs: readonly PortValues[], settings: Settings): Uint8Array {
  const scale = 2 ** Number(settings['scale_bits'])
  return encodeValues(inputs, (value) => Math.round(value * scale))
}

/** Several inputs are concatenated. */
export function encodeValues(inputs: readonly PortValues[], map: (value: number) => number): Uint8Array {
  return encode({ input: inputs.flatMap(({ values }) => Array.from(values, map)) })
}

/**
 * Events as text: the contents of each line's JSON object between tabs, `key=value` for its numbers; other lines
 * unchanged.
 */
function expandEvents(output: string): string {
  return plainText(output)
    .split(/[\r\n]+/)
    .map((line) => {
      const event = parseObject(line)
      if (!event) return line
      return Object.entries(event)
        .map(([key, value]) => (typeof value === 'string' ? value : `${key}=${String(value)}`))
        .join('\t')
    })
    .join('\n')
}

/** `2 inputs, 46,979 constraints, …`, or `numAdd=…` in the versions that print that. */
const readCounters = (text: string): Counters => ({
  ...readCounts(text, NOUNS),
  ...readKeyValueCounters(text, COUNTERS),
})

/** Counts that stand before a noun: `21 layers, 984,684 mul`. */
export function readCounts(text: string, nouns: Readonly<Record<string, string>>): Counters {
  const pattern = new RegExp(
    String.raw`${STARTS}(${DIGITS})[^\S\r\n]+(${Object.keys(nouns).join('|')})s?\b`,
    'gu',
  )
  const counters: Counters = {}
  for (const [, digits = '', noun = ''] of text.matchAll(pattern)) {
    Object.assign(counters, where(nouns[noun]!, parseCount(digits)))
  }
  return counters
}
