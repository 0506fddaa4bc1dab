import { createPaint, type CardStyle } from '../render/terminal.ts'
import { fieldsOf } from '../config/fields.ts'
import { renderFields } from '../config/help.ts'
import { type Command, type CommandGroup, isGroup, type Operands } from './command.ts'

/**
 * The output of `--help` for a command.
 * @param name full name of the command: `provemark baseline update`
 */
export async function renderHelp(
  name: string,
  command: Command | CommandGroup,
  style: CardStyle,
): Promise<string> {
  const paint = createPaint(style)
  const title = (text: string) => paint('bold', text)
  const sections = isGroup(command)
    ? [`${title('usage:')} npx ${name} COMMAND`, await renderCommands(command, title('commands:'))]
    : [`${title('usage:')} npx ${usageOf(name, command)}`, ...describe(command, title)]
  return [command.description, ...sections].join('\n\n')
}

async function renderCommands({ commands }: CommandGroup, title: string): Promise<string> {
  const lines = Object.entries(commands).map(async ([name, load]) => {
    const { description } = await load()
    return `  ${name.padEnd(17)} ${description}`
  })
  return [title, ...(await Promise.all(lines))].join('\n')
}

function usageOf(name: string, { operands, rest, handsOn }: Command): string {
  const inBrackets = ({ name: own, required }: Operands) => (required ? own : `[${own}]`)
  return [
    name,
    ...(operands ? [inBrackets(operands)] : []),
    handsOn ? '[flags] [flags of a run]' : '[flags]',
    ...(rest ? [`-- ${rest.name}`] : []),
  ].join(' ')
}

function describe({ operands, rest, options, handsOn }: Command, title: (text: string) => string): string[] {
  const named = [operands, rest].filter((own) => own !== undefined)
  const fields = fieldsOf(options)
  return [
    ...(named.length ? [named.map((own) => `  ${own.name.padEnd(19)} ${own.description}`).join('\n')] : []),
    ...(fields.length ? [renderFields(title('flags:'), fields)] : []),
    ...(handsOn ? [renderFields(title('flags of the gate:'), fieldsOf(handsOn))] : []),
  ]
}
