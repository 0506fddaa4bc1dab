import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeAll, describe, expect, test, vi } from 'vitest'
import { temporaryFolder } from '../../fixtures/run-bench.ts'
import { runProcess } from './run-process.ts'

/** The first bytes of a 64-bit ELF file for the given machine and loader. */
function makeElf(machine: number, loader?: string): Buffer {
  const elf = Buffer.alloc(256)
  elf.write('\u007FELF', 0, 'latin1')
  elf.set([2, 1, 1], 4)
  elf.writeUInt16LE(2, 16)
  elf.writeUInt16LE(machine, 18)
  elf.writeUInt32LE(1, 20)
  elf.writeUInt32LE(64, 32)
  elf.writeUInt16LE(64, 52)
  elf.writeUInt16LE(56, 54)
  elf.writeUInt16LE(loader === undefined ? 0 : 1, 56)
  if (loader !== undefined) {
    elf.writeUInt32LE(3, 64)
    elf.writeUInt32LE(4, 68)
    elf.writeUInt32LE(120, 72)
    elf.writeUInt32LE(loader.length + 1, 96)
    elf.writeUInt32LE(loader.length + 1, 104)
    elf.write(`${loader}\0`, 120)
  }
  return elf
}

const OWN = process.arch === 'arm64' ? 183 : 62
const OTHER = process.arch === 'arm64' ? 62 : 183

interface Broken {
  name: string
  content?: string | Buffer
  mode?: number
  expected: RegExp
  /** execvp of a C library passes a file that is not a program to a shell, so only Node starts this one. */
  monitorOnly?: boolean
}

const BROKEN: Broken[] = [
  {
    name: 'missing interpreter',
    content: '#!/no/such -x\n',
    expected: /its interpreter \/no\/such is not there: install it/,
  },
  { name: 'CRLF', content: '#!/bin/sh\r\necho hi\r\n', expected: /carriage return.*"\/bin\/sh\\r".*sed -i/ },
  {
    name: 'interpreter that is a folder',
    content: '#!/tmp\n',
    expected: /its interpreter \/tmp is a folder/,
  },
  {
    name: 'env without the interpreter',
    content: '#!/usr/bin/env no-such-python\n',
    expected: /interpreter no-such-python is not on PATH/,
  },
  { name: 'env and CRLF', content: '#!/usr/bin/env sh\r\n', expected: /carriage return/ },
  {
    name: 'not executable',
    content: '#!/bin/sh\n',
    mode: 0o644,
    expected: /it is not executable: chmod \+x .*not executable.*EACCES/,
  },
  { name: 'folder', expected: /it is a folder.*EACCES/ },
  {
    name: 'missing loader',
    content: makeElf(OWN, '/lib/ld-no-such.so.1'),
    expected: /its loader \/lib\/ld-no-such\.so\.1 is not there/,
  },
  {
    name: 'other machine',
    content: makeElf(OTHER),
    expected: /it is a program for (?:arm64|x64), and this machine is/,
    monitorOnly: true,
  },
  { name: 'empty', content: '', expected: /it is empty/, monitorOnly: true },
  {
    name: 'no shebang',
    content: 'print(1)\n',
    expected: /neither a program nor a script with a first line/,
    monitorOnly: true,
  },
  { name: 'Windows', content: `MZ${'\0'.repeat(200)}`, expected: /program for Windows/, monitorOnly: true },
]

let dir: string
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'provemark-spawn-'))
  for (const { name, content, mode = 0o755 } of BROKEN) {
    const path = join(dir, name)
    if (content === undefined) mkdirSync(path)
    else writeFileSync(path, content)
    chmodSync(path, mode)
  }
  return () => rmSync(dir, { recursive: true })
})

describe.for(['', 'off'])('PROVEMARK_MEASURE=%s', (mode) => {
  test.for(BROKEN.filter(({ monitorOnly }) => !monitorOnly || mode === ''))(
    '$name: what is really wrong is said',
    async ({ name, expected }) => {
      vi.stubEnv('PROVEMARK_MEASURE', mode)
      const { status, error } = await runProcess({ file: join(dir, name), args: [], cwd: dir })
      vi.unstubAllEnvs()
      expect(status).toBe('failed')
      expect(error?.message).toMatch(expected)
      expect(error?.message.startsWith(join(dir, name))).toBe(true)
    },
  )
})

test.each([
  ['echo "memory allocation of 12 bytes failed" >&2; kill -ABRT $$', 'out_of_memory'],
  ['echo "fatal error: runtime: out of memory" >&2; exit 2', 'out_of_memory'],
  ['printf "\\033[31mMemoryError\\033[0m\\n" >&2; exit 1', 'out_of_memory'],
  ['echo "MemoryError" >&2; exit 0', 'ok'],
  ['echo "memory allocation of 12 bytes failed" >&2; exit 0', 'ok'],
  ['echo "warning: memory allocation of 12 bytes failed" >&2; echo "bad proof"; exit 1', 'failed'],
])('%s ends as %s', async (script, expected) => {
  const folder = await temporaryFolder()
  const { status, error } = await runProcess({ file: 'sh', args: ['-c', script], cwd: folder })
  expect(status).toBe(expected)
  expect(error?.code).toBe({ out_of_memory: 'OUT_OF_MEMORY', failed: 'PHASE_FAILED' }[expected])
})

test('real runtimes that cannot allocate are out of memory', async () => {
  const cwd = await temporaryFolder()
  const ran = await Promise.all([
    runProcess({ file: process.execPath, args: ['-e', 'new ArrayBuffer(2 ** 52)'], cwd }),
    runProcess({
      file: process.execPath,
      args: ['-e', 'new WebAssembly.Memory({ initial: 1, maximum: 1 }).grow(9)'],
      cwd,
    }),
    runProcess({
      file: process.execPath,
      args: ['--max-old-space-size=20', '-e', 'const a = []; for (;;) a.push(new Array(1e5).fill(0.5))'],
      cwd,
    }),
    runProcess({ file: 'python3', args: ['-c', 'bytearray(2 ** 62)'], cwd }),
  ])
  expect(ran.map(({ status, tail }) => [status, status === 'out_of_memory' ? '' : tail])).toEqual(
    ran.map(() => ['out_of_memory', '']),
  )
})
