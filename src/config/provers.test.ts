import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { readRowsOf, runBench, temporaryFolder } from '../../fixtures/run-bench.ts'
import { chooseProvers } from './provers.ts'

const ECHO = './fixtures/provers/command.ts'
const HASHER = './fixtures/provers/hasher.ts'

const threadsOf = async (specs: string[], threads?: number | number[]) =>
  (await chooseProvers(specs, { root: process.cwd(), threads })).map(({ settings }) => settings.threads)

test('the threads of a spec win over those of the run, each prover for itself', async () => {
  for (const prover of ['gnark', 'ezkl', ECHO, HASHER]) {
    const specs = [prover, `${prover},threads=1`, `${prover},threads=2`]
    expect(await threadsOf(specs)).toEqual([undefined, 1, 2])
    expect(await threadsOf(specs, 3)).toEqual([3, 1, 2])
    expect(await threadsOf(specs, [2, 4, 2])).toEqual([2, 4, 1, 2])
  }
})

test.each(['0', '-1', '1.5', 'many', '', '1 2'])(
  'threads=%s is refused with what it has to be',
  async (given) => {
    await expect(threadsOf([`gnark,threads=${given}`])).rejects.toThrow(
      /threads of --prover gnark,threads=.*: expected an integer of at least 1/,
    )
  },
)

test('a prover that cannot be told its threads is never said to have them', async () => {
  const dir = await temporaryFolder()
  const path = join(dir, 'fixed.mjs')
  const phases = `{
    compile: { cmd: ['x', '{model}', '{circuit}'], artifacts: { circuit: { file: 'c' } } },
    witness: { cmd: ['x', '{input}', '{w}'], artifacts: { w: { file: 'w' } } },
    prove: { cmd: ['x', '{w}', '{proof}'], artifacts: { proof: { file: 'p' } } },
    verify: { cmd: ['x', '{proof}'] },
  }`
  const own = join(process.cwd(), 'src/prover/command-prover.ts')
  await writeFile(
    path,
    `import { commandProver } from ${JSON.stringify(own)}
    export default commandProver({ name: 'fixed', version: '1', phases: ${phases} })`,
  )
  for (const prover of ['jst', 'jstprove', 'jstprove-remainder', path]) {
    const chosen = await chooseProvers([prover], { root: process.cwd(), threads: [3, 1] })
    expect(chosen.map(({ settings: { threads, cpus } }) => [threads, cpus])).toEqual([
      [undefined, 3],
      [undefined, 1],
    ])
    await expect(threadsOf([`${prover},threads=1`])).rejects.toThrow(/expected no number of threads, given 1/)
  }
})

test('options may be a schema of an older zod 4, which lacks methods of ours', async () => {
  const dir = await temporaryFolder()
  const path = join(dir, 'older.mjs')
  const toy = join(process.cwd(), 'fixtures/provers/toy.ts')
  await writeFile(
    path,
    `import { z } from ${JSON.stringify(import.meta.resolve('zod'))}
    import toy from ${JSON.stringify(toy)}
    const options = Object.assign(z.object({ k: z.coerce.number().default(1) }), { safeExtend: undefined })
    export default { ...toy, name: 'older', options }`,
  )
  const [chosen] = await chooseProvers([`${path},k=4`], { root: process.cwd(), threads: 2 })
  expect(chosen?.settings).toMatchObject({ k: 4, threads: 2 })
})

const TINY = ['--depth-max', '1', '--input-hw', '8', '--conv-out-ch', '2', '--fc-hidden', '4']

test('two numbers of threads in one run reach the prover and stand in the rows', async () => {
  const dir = await temporaryFolder()
  const provers = ['gnark,threads=1', 'gnark,threads=2'].flatMap((spec) => ['--prover', spec])
  const { exitCode } = await runBench(
    dir,
    ['depth'],
    [...provers, '--threads', '4', '--iterations', '1', ...TINY],
  )
  const rows = await readRowsOf(dir)
  expect(rows.map(({ settings }) => settings?.['threads'])).toEqual([1, 1, 1, 1, 2, 2, 2, 2])
  for (const { cmd, settings } of rows) expect(cmd).toContain(`--threads=${String(settings?.['threads'])}`)
  expect(exitCode).toBe(0)
})

test('each number of threads is a variant; a prover that takes none is held to as many CPUs', async () => {
  const dir = await temporaryFolder()
  const path = join(dir, 'untold.ts')
  const toy = join(process.cwd(), 'fixtures/provers/toy.ts')
  await writeFile(
    path,
    `import toy from ${JSON.stringify(toy)}\nexport default { ...toy, name: 'untold', threads: false }`,
  )
  const { exitCode, output } = await runBench(
    dir,
    ['depth'],
    ['--prover', 'gnark', '--prover', path, '--threads', '1,2', '--iterations', '3', ...TINY],
  )
  expect(exitCode).toBe(0)
  const rows = await readRowsOf(dir)
  const variants = Map.groupBy(rows, ({ prover, settings }) =>
    [prover?.name, settings?.['threads'], settings?.['cpus']].join(' '),
  )
  expect([...variants].map(([name, own]) => [name, own.length])).toEqual([
    ['gnark 1 ', 12],
    ['gnark 2 ', 12],
    ['untold  1', 12],
    ['untold  2', 12],
  ])
  expect(output).toContain('untold: takes no number of threads, so it is held to 1 CPU')
  expect(output).toMatch(/│ gnark 2 threads │ prove +│ 2 over 1 │ +\d+\.\d\dx │ +\d+\.\d\d to \d+\.\d\d │/)
})
