import type { Page } from 'playwright-core'
import { afterAll, expect, test, vi } from 'vitest'
import { closeBrowser, openReport } from '../../fixtures/browser.ts'
import { BASELINE, FULL, makeReport } from '../../fixtures/make-report.ts'
import { makeSweepRows } from '../../fixtures/sweep-rows.ts'
import { PHASE_COLORS, PHASE_INKS } from './plots/style.ts'

vi.setConfig({ testTimeout: 120_000 })

afterAll(closeBrowser)

/** Texts of a plot that overlap one another or leave the picture. Rotated labels are ignored. */
const FIND_CLASHES = `[...document.querySelectorAll('figure svg')].flatMap((svg) => {
  const edge = svg.getBoundingClientRect()
  const texts = [...svg.querySelectorAll('text')]
    .filter((text) => !text.getAttribute('transform')?.includes('rotate'))
    .map((text) => ({ words: text.textContent, box: text.getBoundingClientRect() }))
    .filter(({ box }) => box.width > 0)
  return texts.flatMap(({ words, box }, i) => [
    ...(box.left < edge.left - 1 || box.right > edge.right + 1 ? [words] : []),
    ...texts.slice(i + 1).flatMap((other) => {
      const wide = Math.min(box.right, other.box.right) - Math.max(box.left, other.box.left)
      const high = Math.min(box.bottom, other.box.bottom) - Math.max(box.top, other.box.top)
      return wide > 0.5 && high > 4 ? [words + ' | ' + other.words] : []
    }),
  ])
})`

/** Number of figures in each row of every grid that has one figure per phase. */
const COUNT_ROWS = `[...document.querySelectorAll('.grid')]
  .filter((grid) => grid.children.length === 4)
  .map((grid) => {
    const tops = [...grid.children].map((figure) => figure.getBoundingClientRect().top)
    return [...new Set(tops)].map((top) => tops.filter((other) => other === top).length)
  })`

async function findClashes(page: Page): Promise<unknown> {
  await page.evaluate(`dispatchEvent(new Event('afterprint'))`)
  return page.evaluate(FIND_CLASHES)
}

test.for([320, 390, 768, 1400])(
  'at %i pixels nothing runs over the edge or into a neighbour',
  async (width) => {
    const { output } = await makeReport(makeSweepRows(FULL), BASELINE())
    const { page } = await openReport(output, { viewport: { width, height: 900 } })
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(width)
    for (const axis of ['depth', 'breadth', 'parameters', 'totalCost']) {
      await page.getByRole('radio', { name: axis }).check()
      expect(await findClashes(page)).toEqual([])
    }
  },
)

const LONG = 'an_exceedingly_long_name_'.repeat(6)

test.for([390, 1400])('at %i pixels the longest names stay within their places', async (width) => {
  const rows = Array.from(makeSweepRows({ ...FULL, runs: 1 }), (row) => ({
    ...row,
    point: `${LONG}${row.point}_${LONG}`,
    prover: { ...row.prover, name: `${row.prover!.name}_${LONG}` },
  }))
  const { output } = await makeReport(rows)
  const { page } = await openReport(output, { viewport: { width, height: 900 } })
  expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(width)
  expect(await findClashes(page)).toEqual([])
})

test('points whose names are cut stay apart', async () => {
  const rows = makeSweepRows({ depths: [1, 2], sides: [14, 28, 56, 84], provers: ['gnark', 'ezkl'] })
  const { output } = await makeReport(rows)
  const { page } = await openReport(output, { viewport: { width: 1400, height: 900 } })
  const texts = await page.locator('#prove-time-by-prover svg text').allTextContents()
  const names = texts.filter((text) => /^(?:depth|breadth)/.test(text))
  expect(names.length).toBe(6)
  expect(new Set(names).size).toBe(6)
})

test('every tick of an axis has its label, however little its values differ', async () => {
  const rows = Array.from(makeSweepRows({ depths: [1, 2, 3], sides: [] }), (row) => ({
    ...row,
    mem_mb: 99.8 + row.iteration! / 10,
  }))
  const { output } = await makeReport(rows)
  const { page } = await openReport(output)
  const texts = await page.locator('#prove-memory-over-depth svg text').allTextContents()
  expect(texts).toEqual(['1', '2', '3', 'depth (conv blocks) →', '90', '100', 'MB', 'gnark'])
})

test('a plot that leaves figures out says so', async () => {
  const provers = ['gnark', 'ezkl']
  const depths = Array.from({ length: 70 }, (_, i) => i + 1)
  const rows = Array.from(makeSweepRows({ iterations: 1, depths, sides: [], provers }), (row) =>
    row.phase === 'verify' && row.params!['depth'] === 1 ? { ...row, time_s: 0 } : row,
  )
  const { output } = await makeReport(rows, rows)
  const { page } = await openReport(output)
  const titleOf = (id: string) => page.locator(`#${id} figcaption`).textContent()
  expect(await titleOf('phases')).toBe(
    'Share of each phase in the time of a proof (the first 60 of 140 points)',
  )
  expect(await titleOf('prove-time-by-prover')).toBe(
    'Time of prove, prover against prover (the first 40 of 70 models)',
  )
  expect(await page.locator('#verify-time-over-depth svg').textContent()).toContain(
    'ms · not shown: 2 with zeros',
  )
})

test('zeros alone are drawn, on a linear scale', async () => {
  const rows = Array.from(makeSweepRows({ depths: [1, 2, 3], sides: [] }), (row) =>
    row.phase === 'verify' ? { ...row, time_s: 0 } : row,
  )
  const { output } = await makeReport(rows)
  const { page } = await openReport(output)
  expect(await page.locator('#verify-time-over-depth g.medians > circle').count()).toBe(3)
})

test('the four phases stand in rows that are full', async () => {
  const { output } = await makeReport(makeSweepRows(FULL), BASELINE())
  const { page } = await openReport(output)
  for (const width of [320, 390, 600, 768, 960, 1024, 1200, 1280, 1400]) {
    await page.setViewportSize({ width, height: 900 })
    const grids = (await page.evaluate(COUNT_ROWS)) as number[][]
    expect(grids.length).toBeGreaterThan(1)
    for (const rows of grids)
      expect(new Set(rows), `${rows.join()} at ${width} pixels`).toEqual(new Set([rows[0]]))
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(width)
  }
})

test('a depth sweep of twelve points has its labels apart', async () => {
  const depths = Array.from({ length: 12 }, (_, i) => i + 1)
  const { output } = await makeReport(makeSweepRows({ depths, sides: [] }))
  const { page } = await openReport(output)
  expect(await findClashes(page)).toEqual([])
})

test('a section that has nothing to show leaves no place in the list of sections', async () => {
  const { output } = await makeReport(makeSweepRows({ depths: [1, 2, 3], sides: [] }))
  const { page } = await openReport(output)
  expect(await page.locator('nav li').allTextContents()).toEqual([
    'Summary',
    'Scaling',
    'Phases',
    'All rows',
    'Conditions',
  ])
})

test('a report in which everything failed has no empty section', async () => {
  const rows = Array.from(makeSweepRows({ depths: [1, 2, 3], sides: [] }), (row) => ({
    ...row,
    status: 'failed' as const,
    return_code: 1,
    ecc: {},
    error: { code: 'PHASE_FAILED', message: 'no proof' },
  }))
  const { output } = await makeReport(rows)
  const { page } = await openReport(output)
  expect(await page.locator('nav li').allTextContents()).toEqual([
    'Summary',
    'Failures',
    'All rows',
    'Conditions',
  ])
})

test('paper is white whatever was chosen, and wide plots are drawn for it', async () => {
  const { output } = await makeReport(
    makeSweepRows({ depths: [1, 2, 3], sides: [], provers: ['gnark', 'ezkl'] }),
  )
  const { page } = await openReport(output, { viewport: { width: 1400, height: 900 } })
  await page.getByRole('radio', { name: 'dark' }).check({ force: true })
  const widthOf = async () => Number(await page.locator('#phases svg').getAttribute('width'))
  expect(await widthOf()).toBeGreaterThan(1000)
  await page.emulateMedia({ media: 'print' })
  await page.evaluate(`dispatchEvent(new Event('beforeprint'))`)
  expect(await widthOf()).toBe(700)
  expect(
    await page.evaluate(
      `getComputedStyle(document.querySelector('#provers .grid')).getPropertyValue('--in-row')`,
    ),
  ).toBe('2')
  expect(
    await page.evaluate('[getComputedStyle(document.body)].map((s) => [s.backgroundColor, s.color])[0]'),
  ).toEqual(['rgb(255, 255, 255)', 'rgb(28, 32, 39)'])
  await page.emulateMedia({ media: 'screen' })
  await page.evaluate(`dispatchEvent(new Event('afterprint'))`)
  expect(await widthOf()).toBeGreaterThan(1000)
})

test('what is written on a bar can be read', () => {
  const luminance = (color: string) => {
    const [r, g, b] = [1, 3, 5].map((at) => {
      const part = Number.parseInt(color.slice(at, at + 2), 16) / 255
      return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4
    }) as [number, number, number]
    return 0.2126 * r + 0.7152 * g + 0.0722 * b
  }
  for (const phase of ['compile', 'witness', 'prove', 'verify'] as const) {
    const [dark, light] = [PHASE_COLORS[phase], PHASE_INKS[phase]].map(luminance).toSorted((a, b) => a - b)
    expect((light! + 0.05) / (dark! + 0.05)).toBeGreaterThanOrEqual(4.5)
  }
})
