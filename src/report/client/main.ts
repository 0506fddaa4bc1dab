import type { ReportData } from '../data.ts'
import { byId, makeChoice } from './dom.ts'
import { drawWhenIdle } from './figure.ts'
import { addRowBrowser } from './row-browser.ts'
import { fillSections } from './sections.ts'

/** Lets the reader choose light or dark; the system's setting is the default. */
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
// Paint the plots in view before unpacking the rows: in a large report they are what people look at first.
requestAnimationFrame(() => setTimeout(() => void addRowBrowser().then(drawWhenIdle)))
