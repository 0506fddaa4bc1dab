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

test('paper is white whatever was chosen, and wide plots are drawn for it', async () => {
  const { output } = await makeReport(makeSweepRows({ depths: [1, 2, 3], sides: [] }))
  const { page } = await openReport(output, { viewport: { width: 1400, height: 900 } })
  await page.getByRole('radio', { name: 'dark' }).check({ force: true })
  const widthOf = async () => Number(await page.locator('#phases svg').getAttribute('width'))
  expect(await widthOf()).toBeGreaterThan(1000)
  await page.emulateMedia({ media: 'print' })
  await page.evaluate(`dispatchEvent(new Event('beforeprint'))`)
  expect(await widthOf()).toBe(700)
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
