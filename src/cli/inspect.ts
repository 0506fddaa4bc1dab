import { z } from 'zod'
import { type ModelSummary, type StoredTensors, summarizeModel } from '../model/summary.ts'
import type { OpenPort } from '../model/ports.ts'
import { printableName } from '../lib/text.ts'
import { formatCount } from '../row/metrics.ts'
import { dimsSchema } from '../track/models.ts'
import { formatBytes } from '../render/format.ts'
import { COMMON, defineCommand } from './command.ts'
import { countOf } from '../lib/names.ts'

export default defineCommand({
  description: 'Shows what is in an ONNX file, from its headers alone',
  operands: { name: 'MODEL', description: 'an ONNX file', required: true },
  options: z.object({ json: COMMON.json, dims: dimsSchema }),
  async run({ options, operands: [path = ''] }) {
    const summary = await summarizeModel(path, options.dims)
    console.log(options.json ? JSON.stringify(summary, undefined, 2) : formatSummary(path, summary))
  },
})

function formatSummary(path: string, summary: ModelSummary): string {
  const { param_count, bytes, opset, ir_version, producer, nodes, operators, inputs, outputs } = summary
  const { in_file, external, constant_nodes, ml_attributes, other_constants } = summary.initializers
  const types = listCounts(summary.initializer_types)
  return [
    `${printableName(path)}: ${countOf(param_count, 'parameter', formatCount(param_count))}, ${formatBytes(bytes)}`,
    `  opset ${opset}, IR version ${ir_version}${producer && `, made by ${printableName(producer)}`}`,
    ...inputs.map((port) => `  input   ${formatPort(port)}`),
    ...outputs.map((port) => `  output  ${formatPort(port)}`),
    `  nodes   ${formatCount(nodes)}${nodes ? `: ${listCounts(operators)}` : ''}`,
    ...(types ? [`  initializers by element type: ${types}`] : []),
    formatStored('initializers in the file', in_file),
    formatStored('initializers in external files', external),
    formatStored('Constant nodes', constant_nodes),
    ...(ml_attributes.count ? [formatStored('attributes of ai.onnx.ml', ml_attributes)] : []),
    ...(other_constants.count ? [formatStored('other constants, no parameters', other_constants)] : []),
    ...summary.warnings.map((warning) => `  ! ${printableName(warning)}`),
  ].join('\n')
}

function listCounts(counts: Readonly<Record<string, number>>): string {
  return Object.entries(counts)
    .map(([name, count]) => `${count} ${printableName(name)}`)
    .join(', ')
}

function formatStored(place: string, { count, params, bytes }: StoredTensors): string {
  const size = formatBytes(bytes)
  return `  ${place.padEnd(31)}${formatCount(params).padStart(14)} ${params === 1 ? 'value' : 'values'} in ${countOf(count, 'tensor')}, ${size}`
}

function formatPort({ name, shape, type }: OpenPort): string {
  const shown = shape?.map((side) => (typeof side === 'string' ? printableName(side) : side))
  return `${printableName(name)}${shown ? ` [${shown.join(', ')}]` : ', shape not stated'}, ${type}`
}
