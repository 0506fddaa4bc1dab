import { setFlagsFromString } from 'node:v8'
import packageJson from '../../package.json' with { type: 'json' }
import { splitAtDashes } from '../config/flags.ts'
import { formatError, ProvemarkError } from '../errors.ts'
import { suggestName } from '../lib/names.ts'
import { readCardStyle } from '../render/terminal.ts'
import { type Command, type CommandGroup, isGroup, readCall, renderHelp } from './command.ts'

/** Commands that may read a million rows. */
const ROW_COMMANDS = new Set(['baseline', 'gate', 'merge', 'report', 'summary', 'table'])

const main: CommandGroup = {
  description: `${packageJson.description} (provemark v${packageJson.version})`,
  commands: {
    baseline: async () => (await import('./baseline.ts')).default,
    cache: async () => (await import('./cache.ts')).default,
    compare: async () => (await import('./compare.ts')).default,
    doctor: async () => (await import('./doctor.ts')).default,
    gate: async () => (await import('./gate.ts')).default,
    generate: async () => (await import('./generate.ts')).default,
    import: async () => (await import('./import.ts')).default,
    init: async () => (await import('./init.ts')).default,
    inspect: async () => (await import('./inspect.ts')).default,
    list: async () => (await import('./list.ts')).default,
    measure: async () => (await import('./measure.ts')).default,
    merge: async () => (await import('./merge.ts')).default,
    report: async () => (await import('./report.ts')).default,
    rerun: async () => (await import('./rerun.ts')).default,
    setup: async () => (await import('./setup.ts')).default,
    summary: async () => (await import('./summary.ts')).default,
    table: async () => (await import('./table.ts')).default,
  },
}

interface Found {
  command: Command<any> | CommandGroup
  /** Full name, including the commands above it. */
  name: string
  /** The arguments after the name. */
  args: string[]
}

/** Finds the most deeply nested command that the arguments name. */
async function findCommand(argv: readonly string[]): Promise<Found> {
  let found: Found = { command: main, name: 'provemark', args: [...argv] }
  while (isGroup(found.command)) {
    const [word = '', ...args] = found.args
    const load = Object.hasOwn(found.command.commands, word) ? found.command.commands[word] : undefined
    if (!load) break
    found = { command: await load(), name: `${found.name} ${word}`, args }
  }
  return found
}

function refuseCommand({ commands }: CommandGroup, args: readonly string[]): ProvemarkError {
  const given = args.find((word) => !word.startsWith('-'))
  const message = given === undefined ? 'no command was given' : `unknown command ${given}`
  return new ProvemarkError('CONFIG_INVALID', message, {
    hint: suggestName(given ?? '', Object.keys(commands)),
  })
}

async function run(argv: string[]): Promise<void> {
  const [own] = splitAtDashes(argv)
  const asksFor = (...flags: string[]) => flags.some((flag) => own.includes(flag))
  const { command, name, args } = await findCommand(argv)
  if (!argv.length || asksFor('--help', '-h'))
    return console.log(await renderHelp(name, command, readCardStyle(process.stdout)))
  if (own[0] === '--version' || own[0] === '-v') return console.log(packageJson.version)
  if (isGroup(command)) {
    throw refuseCommand(command, args)
  }
  if (ROW_COMMANDS.has(argv[0]!)) keepYoungHeapSmall()
  await command.run(readCall(command, args))
}

/**
 * Rows are short-lived, but V8 would let its young generation grow to 128 MB. This keeps it small here and in threads.
 */
function keepYoungHeapSmall(): void {
  setFlagsFromString('--semi-space-growth-factor=1')
  setFlagsFromString('--min-semi-space-size=4')
}

run(process.argv.slice(2)).catch((error: unknown) => {
  console.error(formatError(error))
  process.exitCode = 2
})
