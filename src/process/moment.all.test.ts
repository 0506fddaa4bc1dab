import { execFileSync } from 'node:child_process'
import { copyFileSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, test, vi } from 'vitest'
import which from 'which'
import { temporaryFolder } from '../../fixtures/run-bench.ts'
import { Interval } from './moment.ts'
import type { Moment } from './monitor-protocol.ts'
import { findGo } from '../system/go/toolchain.ts'
import { runProcess } from './run-process.ts'

const MARKS = join(import.meta.dirname, '../../examples/marks')

afterEach(() => void vi.unstubAllEnvs())

/** Rust's own installer puts it into a folder of the user, which may not be on PATH. */
function findRust(): string {
  return which.sync('rustc', { path: [process.env['PATH'], join(homedir(), '.cargo/bin')].join(':') })
}

interface Helper {
  language: string
  program: string
  /** The command that runs the program in a folder that has it and the helper. */
  build: (dir: string) => Promise<[string, ...string[]]> | [string, ...string[]]
}

const HELPERS: Helper[] = [
  {
    language: 'py',
    program:
      'from marks import mark\nmark("begin prove")\nx = bytearray(80 << 20)\ndel x\nmark("end prove")\n',
    build: (dir) => ['python3', join(dir, 'main.py')],
  },
  {
    language: 'mjs',
    program: `import { mark } from './marks.mjs'\nmark('begin prove')\nBuffer.alloc(80 * 2 ** 20, 1)\nmark('end prove')\n`,
    build: (dir) => ['node', join(dir, 'main.mjs')],
  },
  {
    language: 'go',
    program:
      'package main\n\nfunc main() {\n\tmark("begin prove")\n\tx := make([]byte, 80<<20)\n\tfor i := range x {\n\t\tx[i] = 1\n\t}\n\tmark("end prove")\n}\n',
    async build(dir) {
      const files = ['main.go', 'marks.go']
      execFileSync(await findGo(console.error), ['build', '-o', 'main', ...files], { cwd: dir })
      return [join(dir, 'main')]
    },
  },
  {
    language: 'rs',
    program:
      'mod marks;\nfn main() {\n    marks::mark("begin prove");\n    let x = vec![1u8; 80 << 20];\n    std::hint::black_box(&x);\n    drop(x);\n    marks::mark("end prove");\n}\n',
    build(dir) {
      execFileSync(findRust(), ['-o', 'main', 'main.rs'], { cwd: dir })
      return [join(dir, 'main')]
    },
  },
]

test.for(HELPERS)(
  'the helper for .$language: the program waits at its marks, and runs without them',
  { timeout: 120_000 },
  async ({ language, program, build }) => {
    const dir = await temporaryFolder()
    copyFileSync(join(MARKS, `marks.${language}`), join(dir, `marks.${language}`))
    writeFileSync(join(dir, `main.${language}`), program)
    const [file, ...args] = await build(dir)
    const all: Moment[] = []
    const spec = { file, args, cwd: dir }
    const outcome = await runProcess({ ...spec, marksDir: dir, onMoment: (one) => all.push(one) })
    // The end of its output is a moment too.
    const moments = all.filter((one) => one.mark !== undefined)
    expect(outcome).toMatchObject({ status: 'ok', output: '' })
    expect(moments.map(({ mark }) => mark)).toEqual(['begin prove', 'end prove'])
    const prove = new Interval(moments[0]!)
    prove.add(moments[1]!)
    const { mem_mb, mem_lower_bound, time_s } = prove.measure()!
    expect(mem_mb).toBeGreaterThan(80)
    expect(mem_lower_bound).toBe(false)
    expect(time_s).toBeLessThan(outcome.measurement.time_s!)
    expect(await runProcess(spec)).toMatchObject({ status: 'ok', output: '' })
  },
)

test('without the monitor nothing tells the phases of a process apart, and the error says so', async () => {
  vi.stubEnv('PROVEMARK_MEASURE', 'off')
  const { error } = await runProcess({ file: 'true', args: [], cwd: '/', onMoment: () => {} })
  expect(error?.message).toMatch(
    /only the monitor tells the phases of one process apart: PROVEMARK_MEASURE=off/,
  )
})
