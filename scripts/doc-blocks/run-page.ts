import { existsSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { execa } from 'execa'
import { fileOf, listCommands, type DocBlock } from './extract.ts'

export interface PageRun {
  /** Project that the page is about. */
  dir: string
  /** Folders before those of PATH. */
  path: readonly string[]
  /** Plans runs without starting them. */
  isDry: boolean
}

/** Runs the blocks of a page in their order, as a reader would. Returns what failed, with its output. */
export async function runPage(blocks: readonly DocBlock[], run: PageRun): Promise<string[]> {
  const failures: string[] = []
  for (const block of blocks) {
    if (block.notRun !== undefined) continue
    await writeBlock(block, run.dir)
    for (const command of commandsOf(block, run)) {
      const { exitCode, all } = await runCommand(
        run.isDry || block.dryRun ? withDryRun(command) : command,
        run,
      )
      if (exitCode !== 0)
        failures.push(`${block.page}:${block.line}: ${command}\nexit code ${exitCode}\n${all}`)
    }
  }
  return failures
}

function commandsOf({ language, code }: DocBlock, run: PageRun): string[] {
  if (language === 'sh') return listCommands(code)
  return language === 'ts' ? commandFor(fileOf(code), run) : []
}

/** Writes the file that a block of TypeScript is. */
export async function writeBlock(
  { page, line, language, code, notRun }: DocBlock,
  dir: string,
): Promise<void> {
  if (language !== 'ts' || notRun !== undefined) return
  const file = fileOf(code)
  if (!file) throw new Error(`${page}:${line}: name the file in the first line: // vitest.config.ts`)
  await mkdir(dirname(join(dir, file)), { recursive: true })
  await writeFile(join(dir, file), `${code}\n`)
}

/** What runs a file of this name. */
function commandFor(file = '', { isDry, dir }: PageRun): string[] {
  if (file.endsWith('.config.ts')) return [`npx vitest bench --config ${file} -- --dry-run --allow-missing`]
  if (file.endsWith('.bench.ts')) return [`npx vitest bench ${file}`]
  // What a test of a prover does takes minutes; that it compiles is checked all the same.
  if (file.endsWith('.test.ts')) return isDry ? [] : [`npx vitest run ${file}`]
  if (file.endsWith('prover.ts')) {
    // A prover whose suite the page shows before it proves the points of that suite.
    const suite = file.replace(/-prover\.ts$/, '.bench.ts')
    const what = existsSync(join(dir, suite)) ? `${suite} --` : 'models -- --model nets/s.onnx'
    return [`npx vitest bench ${what} --prover ./${file} --results prover.jsonl`]
  }
  if (file.endsWith('-phases.ts') || file.endsWith('reporter.ts')) return []
  return [`node ${file}`]
}

/** Plans a run of benchmarks in place of running it. */
function withDryRun(command: string): string {
  if (!/\bvitest bench\b|\bprovemark compare .*--a /.test(command)) return command
  if (/--dry-run|--help|--prover \.\//.test(command)) return command
  // A real run writes the blobs and the rows that these want.
  const plain = command.replaceAll(/ --(?:merge-reports|reporter|outputFile\S*?)=\S+/g, '')
  const flags = /--baseline|--budget/.test(plain) ? '--dry-run --allow-missing' : '--dry-run'
  return / -- |provemark compare/.test(plain) ? `${plain} ${flags}` : `${plain} -- ${flags}`
}

async function runCommand(command: string, { dir, path }: PageRun) {
  const { exitCode, all } = await execa('bash', ['-euo', 'pipefail', '-c', command], {
    cwd: dir,
    all: true,
    reject: false,
    stdin: 'ignore',
    env: {
      PATH: [...path, process.env['PATH']].join(':'),
      NO_COLOR: '1',
      FORCE_COLOR: undefined,
      GITHUB_ACTIONS: undefined,
      CI: undefined,
      PROVEMARK_LOCK: 'off',
    },
  })
  return { exitCode, all: String(all) }
}
