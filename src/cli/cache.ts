import { readdir, rm } from 'node:fs/promises'
import { defineCommand } from 'citty'
import prettyBytes from 'pretty-bytes'
import { cacheDir } from '../cache.ts'
import { circuitFolder } from '../point/circuit-cache/entry.ts'
import { type CachedCircuit, listCircuits } from '../point/circuit-cache/limit.ts'
import { planFolder } from '../run/resume/plan-store.ts'

const ls = defineCommand({
  meta: { name: 'ls', description: 'List the compiled circuits, the one used last first' },
  async run() {
    const circuits = await listCircuits()
    for (const circuit of circuits) console.log(describeCircuit(circuit))
    const bytes = circuits.reduce((total, circuit) => total + circuit.bytes, 0)
    console.log(
      circuits.length
        ? `${countCircuits(circuits.length)}, ${prettyBytes(bytes, { binary: true })} in ${circuitFolder()}`
        : `no compiled circuits in ${circuitFolder()}`,
    )
  },
})

const clear = defineCommand({
  meta: {
    name: 'clear',
    description: 'Remove compiled circuits and the plans of past runs; built provers and tools stay',
  },
  args: {
    all: { type: 'boolean', description: 'remove built provers, toolchains and environments too' },
  },
  async run({ args }) {
    const circuits = await listCircuits()
    const folders = args.all
      ? (await readdir(cacheDir()).catch(() => [])).map((name) => cacheDir(name))
      : [circuitFolder(), planFolder()]
    for (const folder of folders) await rm(folder, { recursive: true, force: true })
    console.log(
      `removed ${countCircuits(circuits.length)}${args.all ? ' and all else' : ''} in ${cacheDir()}`,
    )
  },
})

const path = defineCommand({
  meta: { name: 'path', description: 'Print the folder of all that is cached' },
  run: () => console.log(cacheDir()),
})

export default defineCommand({
  meta: { name: 'cache', description: 'What is kept between runs: list it, clear it, or say where it lies' },
  subCommands: { ls, clear, path },
})

function describeCircuit({ key, manifest, bytes, usedMs }: CachedCircuit): string {
  const { prover, model } = manifest
  const used = new Date(usedMs).toISOString().slice(0, 16).replace('T', ' ')
  return `${key.slice(0, 12)}  ${prover.name} ${prover.version}  ${model}  ${prettyBytes(bytes, { binary: true })}  used ${used}`
}

function countCircuits(count: number): string {
  return count === 1 ? '1 compiled circuit' : `${count} compiled circuits`
}
