import { readdir, rm } from 'node:fs/promises'
import { z } from 'zod'
import { cacheDir } from '../lib/cache.ts'
import { countOf } from '../lib/names.ts'
import { circuitFolder, type CachedCircuit, listCircuits } from '../point/circuit-cache/entries.ts'
import { formatBytes } from '../render/format.ts'
import { planFolder } from '../run/past-runs.ts'
import { defineCommand, type CommandGroup } from './command.ts'

const ls = defineCommand({
  description: 'Lists the compiled circuits, most recently used first',
  options: z.object({}),
  async run() {
    const circuits = await listCircuits()
    for (const circuit of circuits) console.log(describeCircuit(circuit))
    const bytes = circuits.reduce((total, circuit) => total + circuit.bytes, 0)
    console.log(
      circuits.length
        ? `${countOf(circuits.length, 'compiled circuit')}, ${formatBytes(bytes)} in ${circuitFolder()}`
        : `no compiled circuits in ${circuitFolder()}`,
    )
  },
})

const clear = defineCommand({
  description: 'Removes compiled circuits and the plans of past runs; built provers and tools stay',
  options: z.object({
    all: z.boolean().default(false).describe('also remove built provers, toolchains and environments'),
  }),
  async run({ options }) {
    const circuits = await listCircuits()
    const folders = options.all
      ? (await readdir(cacheDir()).catch(() => [])).map((name) => cacheDir(name))
      : [circuitFolder(), planFolder()]
    for (const folder of folders) await rm(folder, { recursive: true, force: true })
    console.log(
      `removed ${countOf(circuits.length, 'compiled circuit')}${options.all ? ' and all else' : ''} in ${cacheDir()}`,
    )
  },
})

const path = defineCommand({
  description: 'Prints the cache folder',
  options: z.object({}),
  run: () => console.log(cacheDir()),
})

const cache: CommandGroup = {
  description: 'Lists the cache, clears it, or prints its folder',
  commands: { ls: async () => ls, clear: async () => clear, path: async () => path },
}
export default cache

function describeCircuit({ key, manifest, bytes, usedMs }: CachedCircuit): string {
  const { prover, model } = manifest
  const used = new Date(usedMs).toISOString().slice(0, 16).replace('T', ' ')
  return `${key.slice(0, 12)}  ${prover.name} ${prover.version}  ${model}  ${formatBytes(bytes)}  used ${used}`
}
