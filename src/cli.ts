#!/usr/bin/env node
import { stripVTControlCharacters } from 'node:util'
import { setFlagsFromString } from 'node:v8'
import { defineCommand, renderUsage, runCommand, type CommandDef } from 'citty'
import packageJson from '../package.json' with { type: 'json' }
import { readCardStyle } from '../reporters/terminal.ts'
import { refuseUnknownFlags } from './cli/unknown-flags.ts'
import { formatError, ProvemarkError } from './errors.ts'
import { suggestName } from './suggest-name.ts'

// Each command is loaded when it is called: `--help` and small commands must not pay for the large ones.
const subCommands = {
  baseline: rowsCommand(() => import('./cli/baseline.ts')),
  cache: command(() => import('./cli/cache.ts')),
  // Flags that it does not know are the run's.
  compare: async () => (await import('./cli/compare.ts')).default as CommandDef<any>,
  doctor: command(() => import('./cli/doctor.ts')),
  gate: rowsCommand(() => import('./cli/gate.ts')),
  generate: command(() => import('./cli/generate.ts')),
  init: command(() => import('./cli/init.ts')),
  inspect: command(() => import('./cli/inspect.ts')),
  list: command(() => import('./cli/list.ts')),
  measure: command(() => import('./cli/measure.ts')),
  merge: rowsCommand(() => import('./cli/merge.ts')),
  report: rowsCommand(() => import('./cli/report.ts')),
  setup: command(() => import('./cli/setup.ts')),
  summary: rowsCommand(() => import('./cli/summary.ts')),
}

const main = defineCommand({
  meta: { name: 'provemark', version: packageJson.version, description: packageJson.description },
  subCommands,
})

function command(load: () => Promise<{ default: CommandDef<any> }>) {
  return async () => refuseUnknownFlags((await load()).default)
}

/**
 * A command that may read a million rows. They die young, and V8 would all the same let the room for the young grow to
 * 128 MB by and by: it stays as large as it is once the command is loaded, and as large in the threads that it starts.
 */
function rowsCommand(load: () => Promise<{ default: CommandDef<any> }>) {
  const loadCommand = command(load)
  return async () => {
    const loaded = await loadCommand()
    setFlagsFromString('--semi-space-growth-factor=1')
    setFlagsFromString('--min-semi-space-size=4')
    return loaded
  }
}

/** The command that the arguments name, and the one that it belongs to. */
async function commandNamed(
  rawArgs: readonly string[],
): Promise<[CommandDef<any>, CommandDef<any> | undefined]> {
  let found: CommandDef<any> = main
  let parent: CommandDef<any> | undefined
  for (const name of rawArgs) {
    const children = found.subCommands as
      | Record<string, CommandDef<any> | (() => Promise<CommandDef<any>>)>
      | undefined
    const child = children && Object.hasOwn(children, name) ? children[name] : undefined
    if (!child) break
    parent = found
    found = typeof child === 'function' ? await child() : child
  }
  return [found, parent]
}

/** A command of commands needs one of them. */
async function refuseUnknownCommand(rawArgs: readonly string[]): Promise<void> {
  const [{ subCommands: children }, parent] = await commandNamed(rawArgs)
  if (!children) return
  const names = Object.keys(children)
  const given = rawArgs.filter((word) => !word.startsWith('-'))[parent ? 1 : 0]
  if (given !== undefined && names.includes(given)) return
  const message = given === undefined ? 'no command was given' : `there is no command ${given}`
  throw new ProvemarkError('CONFIG_INVALID', message, { hint: suggestName(given ?? '', names) })
}

async function run(rawArgs: string[]): Promise<void> {
  const ownArgs = rawArgs.includes('--') ? rawArgs.slice(0, rawArgs.indexOf('--')) : rawArgs
  if (!rawArgs.length || ownArgs.includes('--help') || ownArgs.includes('-h')) {
    const usage = await renderUsage(...(await commandNamed(ownArgs)))
    // It is made in colour whatever it is printed to.
    return console.log(readCardStyle(process.stdout).color ? usage : stripVTControlCharacters(usage))
  }
  if (ownArgs[0] === '--version' || ownArgs[0] === '-v') return console.log(packageJson.version)
  await refuseUnknownCommand(ownArgs)
  await runCommand(main, { rawArgs })
}

run(process.argv.slice(2)).catch((error: unknown) => {
  console.error(formatError(error))
  process.exitCode = 2
})
