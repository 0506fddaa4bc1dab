import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { readMachine } from '../../src/system/machine.ts'

const DOCS = join(import.meta.dirname, '../../docs')

/** Puts the result of a run between its markers in a page of the docs. */
export function writeBlock(name: string, text: string, page = 'reliability.md'): void {
  const path = join(DOCS, page)
  const [begin, end] = [`<!-- made by npm run ${name} -->`, `<!-- end of ${name} -->`]
  const document = readFileSync(path, 'utf8')
  const [start, stop] = [document.indexOf(begin), document.indexOf(end)]
  if (start < 0 || stop < start) throw new Error(`${path} has no place for ${name}`)
  writeFileSync(path, `${document.slice(0, start)}${begin}\n\n${text}\n\n${document.slice(stop)}`)
}

/** When and where a result was obtained. */
export async function describeOccasion(): Promise<string> {
  const { cpu, cores, mem_mb, os, kernel, node, container, load } = await readMachine()
  const where = `${cpu}, ${cores} cores, ${mem_mb} MB, ${os}, Linux ${kernel}, Node ${node}`
  const inside = container ? `, in ${container}` : ''
  return `${new Date().toISOString().slice(0, 10)}, on ${where}${inside}, load ${load?.toFixed(1)} at the end.`
}
