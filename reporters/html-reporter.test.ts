import { copyFile, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { closeBrowser, openReport } from '../fixtures/browser.ts'
import { runBench, temporaryFolder } from '../fixtures/run-bench.ts'

const TOY = './fixtures/provers/toy.ts'
const TINY = [
  '--depth-max',
  '3',
  '--input-hw',
  '8',
  '--conv-out-ch',
  '2',
  '--fc-hidden',
  '4',
  '--iterations',
  '1',
]

afterAll(closeBrowser)

test('a run writes its report, beside the runs before it', async () => {
  const dir = await temporaryFolder()
  const output = join(dir, 'pages/report.html')
  const flags = ['--prover', TOY, ...TINY]
  await runBench(dir, ['depth'], flags)
  await copyFile(join(dir, 'rows.jsonl'), join(dir, 'base.jsonl'))
  const { exitCode, output: printed } = await runBench(dir, ['depth'], [...flags, '--report', output])
  expect(printed).toMatch(/report: \S*pages\/report.html, 3 points/)
  expect(exitCode).toBe(0)
  const { page, complaints } = await openReport(output)
  expect(await page.locator('.facts').textContent()).toMatch(
    /3 points\s+12 rows ok\s+0 not ok\s+2 runs\s+24 rows in all/,
  )
  expect(await page.locator('#history figure').count()).toBeGreaterThan(0)
  expect(await page.locator('#prove-time-over-depth g.medians > circle').count()).toBe(3)
  expect(complaints).toEqual([])
})

test('a report that cannot be written ends with 2 and keeps the rows', async () => {
  const dir = await temporaryFolder()
  const flags = ['--prover', TOY, ...TINY, '--report', join(dir, 'rows.jsonl/report.html')]
  const { exitCode, output, rows } = await runBench(dir, ['depth'], flags)
  expect(output).toContain('FILE_UNWRITABLE: cannot write')
  expect(rows.length).toBe(12)
  expect(await readFile(join(dir, 'rows.jsonl'), 'utf8')).toContain('"phase":"verify"')
  expect(exitCode).toBe(2)
})
