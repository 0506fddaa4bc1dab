import { defineCommand } from 'citty'
import prettyBytes from 'pretty-bytes'
import type { OpenPort } from '../model/ports.ts'
import { summarizeModel, type ModelSummary } from '../model/summary.ts'

export default defineCommand({
  meta: { name: 'inspect', description: 'What an ONNX file holds, from its headers alone' },
  args: {
    model: { type: 'positional', description: 'ONNX file', required: true },
    json: { type: 'boolean', description: 'print the summary as JSON' },
  },
  async run({ args }) {
    const summary = await summarizeModel(args.model)
    console.log(args.json ? JSON.stringify(summary, undefined, 2) : formatSummary(args.model, summary))
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
