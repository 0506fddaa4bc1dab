import prettyBytes from 'pretty-bytes'
import { z } from 'zod'
import type { OpenPort } from '../model/ports.ts'
import { summarizeModel, type ModelSummary } from '../model/summary.ts'
import { defineCommand } from './command.ts'
import { COMMON } from './common-options.ts'

export default defineCommand({
  description: 'What an ONNX file holds, from its headers alone',
  operands: { name: 'MODEL', description: 'an ONNX file', required: true },
  options: z.object({ json: COMMON.json }),
  async run({ options, operands: [path = ''] }) {
    const summary = await summarizeModel(path)
    console.log(options.json ? JSON.stringify(summary, undefined, 2) : formatSummary(path, summary))
  },
})

function formatSummary(path: string, summary: ModelSummary): string {
  const { param_count, bytes, opset, ir_version, producer, nodes, operators, inputs, outputs } = summary
  const { in_file, external, constant_nodes } = summary.initializers
  const types = Object.entries(operators).map(([name, count]) => `${count} ${name}`)
  return printable(
    [
      `${path}: ${formatCount(param_count)} parameters, ${prettyBytes(bytes, { binary: true })}`,
      `  opset ${opset}, IR version ${ir_version}${producer && `, made by ${producer}`}`,
      ...inputs.map((port) => `  input   ${formatPort(port)}`),
      ...outputs.map((port) => `  output  ${formatPort(port)}`),
      `  nodes   ${formatCount(nodes)}: ${types.join(', ')}`,
      ...[
        { place: 'initializers in the file', ...in_file },
        { place: 'initializers in external files', ...external },
        { place: 'Constant nodes', ...constant_nodes },
      ].map(
        (stored) =>
          `  ${stored.place.padEnd(31)}${formatCount(stored.params).padStart(14)} values in ${stored.count} tensors, ${prettyBytes(stored.bytes, { binary: true })}`,
      ),
    ].join('\n'),
  )
}

function formatPort({ name, shape }: OpenPort): string {
  return shape ? `${name} [${shape.join(', ')}]` : `${name}, shape not stated`
}

function formatCount(value: number): string {
  return value.toLocaleString('en')
}

// Names come from a file that anyone may have made: none may steer the terminal.
function printable(text: string): string {
  return text.replaceAll(/(?!\n)\p{Cc}/gu, '\u{FFFD}')
}
