import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { execa } from 'execa'
import { expect, test, vi } from 'vitest'
import { against, makeFiles, provemark } from '../../fixtures/gate-command.ts'
import { reportSchema } from '../gate/verdict.ts'

// Every test starts the command as a process, on machines that are busy with other work.
vi.setConfig({ testTimeout: 300_000 })

test('--json gives the report by its schema, the worst first', async () => {
  const own = await makeFiles({ slower: { prove: 4 } })
  const { stdout, exitCode } = await provemark(against(own, '--budget', 'time_s@prove=+10%', '--json'))
  const report = reportSchema.parse(JSON.parse(stdout))
  expect(exitCode).toBe(1)
  expect(report).toMatchObject({ exit_code: 1, tests: 2, counts: { regression: 2 } })
  expect(report.checks[0]).toMatchObject({
    verdict: 'regression',
    metric: 'time_s',
    phase: 'prove',
    limit: '+10%',
  })
})

test('--junit writes a suite that an XML parser reads, whatever the rows hold', async () => {
  const point = 'a<b>&"\u0001\uD800 c'
  const own = await makeFiles(
    { depths: [1], slower: { prove: 4 }, with: { point } },
    { depths: [1], with: { point } },
  )
  const junit = join(own.dir, 'reports/junit.xml')
  await provemark(
    against(own, '--budget', 'time_s@prove=+10%', '--budget', 'time_s@verify=1', '--junit', junit),
  )
  const { stdout } = await execa('python3', [
    '-c',
    `import sys, json, xml.etree.ElementTree as tree
suite = tree.parse(sys.argv[1]).getroot().find('testsuite')
cases = suite.findall('testcase')
print(json.dumps({**suite.attrib, 'cases': len(cases), 'failed': [c.get('name') for c in cases if c.find('failure') is not None]}))`,
    junit,
  ])
  expect(JSON.parse(stdout)).toMatchObject({
    name: 'provemark gate',
    failures: '1',
    errors: '0',
    failed: ['time_s@prove at a<b>&"\uFFFD\uFFFD c [fixture] within +10%'],
  })
  expect(JSON.parse(stdout).cases).toBe(Number(JSON.parse(stdout).tests))
})

test('--bmf writes medians with their intervals, times as latency in nanoseconds', async () => {
  const own = await makeFiles({ depths: [1] })
  const bmf = join(own.dir, 'bmf.json')
  await provemark(against(own, '--bmf', bmf))
  const benchmarks = JSON.parse(readFileSync(bmf, 'utf8'))
  const { latency, mem_mb } = benchmarks['depth/depth_d1/fixture/prove']
  expect(latency.value / 1e9).toBeCloseTo(4, 0)
  expect(latency.lower_value).toBeLessThan(latency.value)
  expect(latency.upper_value).toBeGreaterThan(latency.value)
  expect(mem_mb.value).toBeGreaterThan(700)
  expect(benchmarks['depth/depth_d1/fixture/compile']['ecc.totalCost']).toEqual({
    value: 2000,
    lower_value: 2000,
    upper_value: 2000,
  })
})

test('under GitHub Actions it annotates and writes a step summary', async () => {
  const own = await makeFiles(
    { depths: [1], slower: { prove: 4 }, with: { point: 'd1 | 50%\n::error::x' } },
    { depths: [1] },
  )
  const summary = join(own.dir, 'summary.md')
  const { stderr } = await provemark(against(own, '--budget', 'time_s@prove=+10%'), {
    GITHUB_ACTIONS: 'true',
    GITHUB_STEP_SUMMARY: summary,
  })
  const annotations = stderr.split('\n').filter((line) => line.startsWith('::'))
  expect(annotations[0]).toMatch(
    /^::error title=provemark%3A REGRESSION of time_s@prove at d1 \| 50%25%0A%3A%3Aerror.*::time_s@prove/,
  )
  expect(annotations).toHaveLength(1)
  expect(readFileSync(summary, 'utf8')).toMatch(
    /^\| REGRESSION \| time&#95;s \| d1 &#124; 50% ::error::x \| prove \|/m,
  )
})

test('under GitHub Actions what ends the step with 2 is an error, what is let pass a warning', async () => {
  const own = await makeFiles({ depths: [1], n: 1 }, { depths: [1] })
  const annotations = async (...flags: string[]) => {
    const { stderr } = await provemark(against(own, '--budget', 'time_s@prove=+10%', ...flags), {
      GITHUB_ACTIONS: 'true',
      GITHUB_STEP_SUMMARY: '',
    })
    return stderr.split('\n').filter((line) => line.startsWith('::'))
  }
  expect(await annotations()).toEqual([
    expect.stringMatching(/^::warning title=provemark%3A inconclusive of .* would have been found$/),
  ])
  for (const name of ['--inconclusive', '--undecided']) {
    expect(await annotations(name, 'fail')).toEqual([
      expect.stringMatching(/^::error title=provemark%3A inconclusive of /),
    ])
  }
})

test('--markdown writes a comment that is short, plain and calls nobody, whatever the rows hold', async () => {
  const depths = Array.from({ length: 60 }, (_, i) => i + 1)
  const rows = { depths, with: { point: `@octocat <!-- [x](javascript:1) ${'#'.repeat(300)}` } }
  const own = await makeFiles({ ...rows, slower: { prove: 4 } }, rows)
  const comment = join(own.dir, 'out/comment.md')
  const { exitCode } = await provemark(against(own, '--budget', 'time_s@prove=+10%', '--markdown', comment))
  expect(exitCode).toBe(1)
  const text = readFileSync(comment, 'utf8')
  expect(text).toMatch(/^## provemark gate\n\n60 regression/)
  expect(text.match(/^\| REGRESSION /gm)).toHaveLength(25)
  expect(text).toContain('\nand 35 more\n')
  expect(text).not.toMatch(/@octocat|<|\]\(/)
  expect(text.length).toBeLessThan(65_536)
})
