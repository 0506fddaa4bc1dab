/** Runs the gate's self-test and writes its results into docs/gate.md: node scripts/certify-gate.ts [flags] */
import { readFile, writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { execa } from 'execa'

const START = '<!-- self-test: written by scripts/certify-gate.ts -->'
const END = '<!-- /self-test -->'

const root = fileURLToPath(new URL('..', import.meta.url))
const document = fileURLToPath(new URL('../docs/gate.md', import.meta.url))

const text = await readFile(document, 'utf8')
const [start, end] = [text.indexOf(START), text.indexOf(END)]
if (start < 0 || end < start)
  throw new Error(`${document} has no place for the self-test between ${START} and ${END}`)

const { stdout, exitCode } = await execa(
  process.execPath,
  ['src/cli.ts', 'gate', '--self-test', ...process.argv.slice(2)],
  { cwd: root, reject: false, stderr: 'inherit' },
)
console.log(stdout)
// Failures are published as well.
await writeFile(document, `${text.slice(0, start)}${START}\n\n${stdout.trim()}\n\n${text.slice(end)}`)
process.exitCode = exitCode ?? 2
