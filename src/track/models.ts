import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { z } from 'zod'
import { ProvemarkError } from '../errors.ts'
import { matchFiles } from '../lib/files.ts'
import { printableName } from '../lib/text.ts'
import { readHeaders } from '../model/file.ts'
import type { OnnxModel } from '../model/onnx.ts'
import { type Dims, listSideNames, refuseUnused } from '../model/sides.ts'
import type { TrackDefinition } from './define.ts'

/** Option with sizes for the sides that a model's file leaves open. */
export const dimsSchema = z.record(z.string().min(1), z.number().int().min(1)).default({}).meta({
  description:
    'sizes of open dimensions of a model: seq_len=64, or tokens:1=64 for a dimension without a name',
  expected: 'NAME=SIZE or INPUT:AXIS=SIZE, SIZE an integer of at least 1',
  flag: 'dim',
  merged: true,
})

const paths = (description: string) => z.array(z.string().min(1)).describe(description).default([])

const modelsParams = z.object({
  model: paths('ONNX files, by path or glob'),
  input: paths('input files, one for all models or one for each'),
  dims: dimsSchema,
})

/** Any ONNX files. */
export const modelsTrack = {
  name: 'models',
  params: modelsParams,
  empty: 'no model given: --model FILE, or tracks.models.model in the config',
  points({ model, input, dims }, { root }) {
    const files = findFiles('model', model, input, root)
    const fixed = dimsByFile(files, dims)
    return files.map(({ id, file, input: own }, i) => ({
      id,
      params: { model: id, ...(fixed[i] ? { dims: formatDims(fixed[i]) } : {}) },
      model: file,
      input: own,
      dims: fixed[i],
    }))
  },
} satisfies TrackDefinition<typeof modelsParams>

const workloadsParams = z.object({
  workload: paths('files that are not ONNX models, such as circuits, by path or glob'),
  input: paths('input files, one for all workloads or one for each'),
})

/** Any files that are not ONNX models: only the prover knows what is in them. */
export const workloadsTrack = {
  name: 'workloads',
  params: workloadsParams,
  empty: 'no workload given: --workload FILE, or tracks.workloads.workload in the config',
  points: ({ workload, input }, { root }) =>
    findFiles('workload', workload, input, root).map(({ id, file, input: own }) => ({
      id,
      params: { workload: id },
      workload: file,
      input: own,
    })),
} satisfies TrackDefinition<typeof workloadsParams>

/** A file with the id of its point. */
interface FoundFile {
  id: string
  /** Absolute path. */
  file: string
  input: string | undefined
}

/**
 * Every file once, even if several patterns match it, with its input: one for all, or one for each in the same order.
 * @param what they are, for an error
 * @throws ProvemarkError CONFIG_INVALID for patterns that match nothing, or inputs that are not there or too few
 */
function findFiles(
  what: string,
  patterns: readonly string[],
  input: readonly string[],
  root: string,
): FoundFile[] {
  const found = patterns.map((pattern) => matchFiles(pattern, root).map((path) => resolve(root, path)))
  const empty = patterns.filter((_, i) => !found[i]!.length)
  if (empty.length)
    throw noFile(what, empty, 'check the path with ls; quote a glob, so that the shell leaves it alone')
  const absent = input.filter((path) => !existsSync(resolve(root, path)))
  if (absent.length) throw noFile('input', absent, 'check the path with ls')
  const files = [...new Set(found.flat())]
  if (input.length > 1 && input.length !== files.length) {
    throw new ProvemarkError('CONFIG_INVALID', `${input.length} inputs for ${files.length} ${what}s`, {
      hint: `give one --input for all ${what}s, or one for each in the same order`,
    })
  }
  return files.map((file, i) => ({
    id: nameOf(file, files),
    file,
    input: input.length > 1 ? input[i] : input[0],
  }))
}

function noFile(what: string, patterns: readonly string[], hint: string): ProvemarkError {
  const names = patterns.map((pattern) => JSON.stringify(pattern)).join(', nor ')
  return new ProvemarkError('CONFIG_INVALID', `${what}: no file matches ${names}`, { hint })
}

/** The name of a file, with as many of its folders as make it unique. */
function nameOf(file: string, files: readonly string[]): string {
  const isAlone = (name: string, count: number) =>
    files.every((other) => other === file || lastParts(other, count) !== name)
  let name = lastParts(file, 1)
  for (let count = 2; !isAlone(name, count - 1) && lastParts(file, count) !== name; count++)
    name = lastParts(file, count)
  // File names may contain anything; an id is shown in tables and on terminals.
  return printableName(name.replaceAll('/', '_'))
}

/** `a/net` for `/models/a/net.onnx` and a count of 2. */
function lastParts(file: string, count: number): string {
  return file
    .replace(/\.onnx$/, '')
    .split(/[/\\]/)
    .slice(-count)
    .join('/')
}

/**
 * The sizes that each file needs; undefined if it needs none.
 * @throws ProvemarkError CONFIG_INVALID for a side that no file leaves open
 */
function dimsByFile(files: readonly FoundFile[], dims: Dims): (Dims | undefined)[] {
  if (!Object.keys(dims).length) return files.map(() => undefined)
  const opened = files.map(({ file }) => ({ path: file, model: openModel(file) }))
  const readable = opened.flatMap(({ path, model }) => (model ? [{ path, model }] : []))
  if (readable.length) refuseUnused(dims, readable)
  return opened.map(({ model }) => {
    const known = new Set(model ? listSideNames(model) : [])
    const own = Object.entries(dims).filter(([name]) => known.has(name))
    return own.length ? Object.fromEntries(own) : undefined
  })
}

/** In the form of the flag, in alphabetical order. */
function formatDims(dims: Dims): string {
  return Object.entries(dims)
    .map(([name, size]) => `${name}=${size}`)
    .toSorted()
    .join(',')
}

/** A model that cannot be read fails its own point. */
function openModel(path: string): OnnxModel | undefined {
  try {
    return readHeaders(path).model
  } catch {
    return undefined
  }
}
