import { printableName } from '../lib/text.ts'
import { getOrAdd } from '../row/collections.ts'
import { readsOf } from './graphs.ts'
import type { OnnxGraph, OnnxModel, OnnxNode } from './onnx.ts'

/** A graph or the body of a function, by the names of its values. */
interface Part {
  node: readonly OnnxNode[]
  /** What is there before the first node: inputs and initializers. */
  given: readonly (string | undefined)[]
  output: readonly (string | undefined)[]
}

/** What a name stands for at a node: made by then, made by a later node, or made by nothing. */
type LookUp = (name: string) => 'made' | 'later' | undefined

/** By kind of fault: the names that have it. */
type Faults = Map<keyof typeof SENTENCES, string[]>

const SENTENCES = {
  shared: (names: string) => `nodes share a name: ${names}`,
  twice: (names: string) => `values are made more than once: ${names}`,
  later: (names: string) => `values are used before they are made: ${names}`,
  unmade: (names: string) => `values are used that no node, input or initializer makes: ${names}`,
}

/** What is wrong with the names and the order of a model's nodes: a sentence for each kind of fault and each cycle. */
export function checkGraphs({ graph, functions }: OnnxModel): string[] {
  const parts = [
    ...(graph ? [partOf(graph)] : []),
    ...functions.map(({ node, input, output }) => ({ node, given: input, output })),
  ]
  const cycles: string[] = []
  const faults: Faults = new Map()
  for (const part of parts) checkPart(part, () => undefined, faults, cycles)
  const named = [...faults].map(([kind, names]) => SENTENCES[kind](listNames(names)))
  return [...cycles, ...named]
}

function partOf({ node, input, initializer, sparse_initializer, output }: OnnxGraph): Part {
  const stored = [...initializer, ...sparse_initializer.flatMap(({ values }) => values ?? [])]
  return {
    node,
    given: [...input, ...stored].map(({ name }) => name),
    output: output.map(({ name }) => name),
  }
}

function checkPart({ node, given, output }: Part, outer: LookUp, faults: Faults, cycles: string[]): void {
  const add = (kind: keyof typeof SENTENCES, name: string) => getOrAdd(faults, kind, () => []).push(name)
  const cycle = findCycle(node)
  if (cycle) cycles.push(`the graph has a cycle: ${cycle.map(nameOf).join(' -> ')}`)
  const all = new Set(node.flatMap((one) => one.output))
  const made = new Set(given)
  const names = new Set<string>()
  const lookUp: LookUp = (name) => (made.has(name) ? 'made' : all.has(name) ? 'later' : outer(name))
  const use = (name: string | undefined) => {
    if (!name) return
    const state = lookUp(name)
    if (!state) add('unmade', name)
    // A cycle has no order that would be better.
    else if (state === 'later' && !cycle) add('later', name)
  }
  for (const { name, input, output: makes, attribute } of node) {
    if (name && names.has(name)) add('shared', name)
    if (name) names.add(name)
    input.forEach(use)
    for (const { g, graphs } of attribute)
      for (const inner of g ? [g, ...graphs] : graphs) checkPart(partOf(inner), lookUp, faults, cycles)
    for (const own of makes) {
      if (own && made.has(own)) add('twice', own)
      made.add(own)
    }
  }
  output.forEach(use)
}

const MOST_NAMES = 5

function listNames(all: readonly string[]): string {
  const names = [...new Set(all)]
  const more = names.length - MOST_NAMES
  return names.slice(0, MOST_NAMES).map(printableName).join(', ') + (more > 0 ? ` and ${more} more` : '')
}

/**
 * A cycle: nodes each of which reads the output of the previous one, with the first repeated at the end; undefined if
 * there is none.
 */
function findCycle(node: readonly OnnxNode[]): OnnxNode[] | undefined {
  const makers = new Map(
    node.flatMap((one) => one.output.filter(Boolean).map((name) => [name, one] as const)),
  )
  const sources = new Map(node.map((one) => [one, readsOf(one).flatMap((name) => makers.get(name) ?? [])]))
  const readers = Map.groupBy(
    [...sources].flatMap(([reader, own]) => own.map((source) => ({ source, reader }))),
    ({ source }) => source,
  )
  const waits = new Map([...sources].map(([one, own]) => [one, own.length]))
  // Nodes that can run, each of which lets those run that wait for it alone. What never can is on a cycle or behind one.
  const ready = new Set(node.filter((one) => !waits.get(one)))
  for (const source of ready) {
    for (const { reader } of readers.get(source) ?? []) {
      waits.set(reader, waits.get(reader)! - 1)
      if (!waits.get(reader)) ready.add(reader)
    }
  }
  const sourceOf = (one: OnnxNode) => sources.get(one)!.find((source) => !ready.has(source))!
  let at = node.find((one) => !ready.has(one))
  if (!at) return undefined
  const path = new Set<OnnxNode>()
  for (; !path.has(at); at = sourceOf(at)) path.add(at)
  const steps = [...path]
  return [...steps.slice(steps.indexOf(at)), at].toReversed()
}

function nameOf({ name, output, op_type }: OnnxNode): string {
  return printableName(name || output[0] || op_type)
}
