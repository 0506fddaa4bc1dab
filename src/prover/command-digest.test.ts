import { createHash } from 'node:crypto'
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { commandProver } from './command-prover.ts'
import type { LocatedProver } from './contract.ts'

const folder = mkdtempSync(join(tmpdir(), 'provemark-command-'))
afterAll(() => rmSync(folder, { recursive: true }))

const script = join(folder, 'prove.sh')
const other = join(folder, 'setup.sh')
const runnable = join(folder, 'runnable')

function write(text: string): void {
  for (const path of [script, other, runnable]) writeFileSync(path, `#!/bin/sh\n${text}\n`)
  chmodSync(runnable, 0o755)
}

type Words = [string, ...string[]]

const locate = async (cmd: Words, verify: Words = cmd, env = {}): Promise<LocatedProver> =>
  commandProver({
    name: 'one',
    version: '1.0',
    phases: {
      compile: { cmd: [...cmd, '{model}', '{circuit}'], artifacts: { circuit: { file: 'c' } }, env },
      witness: { cmd: [...cmd, '{input}', '{witness}'], artifacts: { witness: { file: 'w' } } },
      prove: { cmd: [...cmd, '{witness}', '{proof}'], artifacts: { proof: { file: 'p' } } },
      verify: { cmd: [...verify, '{proof}'] },
    },
  } as never).locate({})

describe('the digest of a command takes in the files that it names, and what may load more is not cached', () => {
  test.each<{ name: string; args: Parameters<typeof locate> }>([
    { name: 'a script behind sh', args: [['sh', script]] },
    { name: 'a script behind another interpreter', args: [['node', '--no-warnings', script]] },
    { name: 'behind env', args: [['env', 'MODE=fast', 'sh', script]] },
    { name: 'behind a program that takes programs', args: [['nice', '-n', '5', 'sh', script]] },
    { name: 'in the value of a flag', args: [['python3', `--script=${script}`]] },
    { name: 'in a line for a shell', args: [['sh', '-c', `exec sh ${script} "$@"`]] },
    { name: 'in an environment variable', args: [['sh'], ['sh'], { SCRIPT: script }] },
    {
      name: 'in a later phase alone',
      args: [
        ['sh', join(folder, 'same.sh')],
        ['sh', script],
      ],
    },
    { name: 'a script that is the program', args: [[runnable]] },
  ])('$name', async ({ args }) => {
    writeFileSync(join(folder, 'same.sh'), 'exit 0')
    write('old')
    const before = await locate(...args)
    expect(await locate(...args)).toEqual(before)
    write('new')
    const after = await locate(...args)
    expect(before.sha256).toMatch(/^[0-9a-f]{64}$/)
    expect(after.sha256).not.toBe(before.sha256)
    expect(after.mayCache).toBe(false)
  })

  test.each<[Words]>([[['sh', '-c', 'exit 0']], [['env']]])('nothing is named: %j', async (cmd) => {
    expect(await locate(cmd)).toMatchObject({ sha256: null, mayCache: false })
  })

  test('what builds or finds its program elsewhere has no digest', async () => {
    mkdirSync(join(folder, 'bin'), { recursive: true })
    const cargo = join(folder, 'bin', 'cargo')
    symlinkSync(process.execPath, cargo)
    expect(await locate([cargo, 'run', '--release', '--'])).toMatchObject({ sha256: null, mayCache: false })
  })

  test('a program of its own has the digest of its file, and is cached', async () => {
    const own = join(folder, 'prover')
    writeFileSync(own, Buffer.concat([Buffer.from('\x7fELF'), Buffer.alloc(100)]))
    chmodSync(own, 0o755)
    const located = await locate([own, '--fast'])
    expect(located.sha256).toBe(createHash('sha256').update(readFileSync(own)).digest('hex'))
    expect(located.mayCache).toBeUndefined()
    expect((await locate([own, '--slow'])).commands).not.toBe(located.commands)
    // Files next to it may be of other kinds than the program reads.
    write('data')
    expect((await locate([own, `--setup=${other}`])).mayCache).toBe(false)
    expect((await locate([own, `--setup=${other}`])).sha256).not.toBe(located.sha256)
  })
})
