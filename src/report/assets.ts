import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { packageRoot } from '../lib/own-package.ts'
import type { Assets } from './page.ts'

/** Script and style of the report: built from source in a checkout, prebuilt in the package. */
export async function loadAssets(): Promise<Assets> {
  if (!import.meta.url.endsWith('.ts')) {
    const [script, style] = await Promise.all(['client.js', 'report.css'].map((name) => readDist(name)))
    return { script: script!, style: style! }
  }
  // A dynamic URL, so that the package's build does not bundle the builder itself.
  const builder = new URL('../../scripts/report-client.ts', import.meta.url).href
  const { buildReportClient } = (await import(builder)) as { buildReportClient: () => Promise<string> }
  const style = await readFile(join(import.meta.dirname, 'client', 'report.css'), 'utf8')
  return { script: await buildReportClient(), style }
}

function readDist(name: string): Promise<string> {
  return readFile(join(packageRoot(), 'dist', 'report', name), 'utf8')
}
