import type { ReportData } from '../data.ts'
import { byId, makeChoice } from './dom.ts'
import { drawWhenIdle } from './figure.ts'
import { addRowBrowser } from './row-browser.ts'
import { fillSections } from './sections.ts'

/** Lets the reader choose light or dark; until then the system's own choice holds. */
function addThemeChoice(): void {
  const options = ['auto', 'light', 'dark'].map((value) => ({ value, label: value }))
  byId('theme').append(
    makeChoice('Colours', options, 'auto', (value) => {
      document.documentElement.dataset['theme'] = value
    }),
  )
}

addThemeChoice()
fillSections(JSON.parse(byId('report-data').textContent ?? '') as ReportData)
// The plots in view are painted before the rows are unpacked: of a large report they are what is read first.
requestAnimationFrame(() => setTimeout(() => void addRowBrowser().then(drawWhenIdle)))
