import type { ReportData } from '../data.ts'
import { byId } from './dom.ts'
import { drawWhenIdle } from './figure.ts'
import { addRowBrowser } from './row-browser.ts'
import { fillSections } from './sections.ts'
import { addThemeChoice } from './theme.ts'

addThemeChoice()
fillSections(JSON.parse(byId('report-data').textContent ?? '') as ReportData)
// The plots in view are painted before the rows are unpacked: of a large report they are what is read first.
requestAnimationFrame(() => setTimeout(() => void addRowBrowser().then(drawWhenIdle)))
