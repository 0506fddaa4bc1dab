import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { ProvemarkError } from '../errors.ts'
import { makeBmf } from '../gate/bmf.ts'
import { renderJunit } from '../gate/junit.ts'
import type { GateRules } from '../gate/schema.ts'
import type { Series } from '../gate/series.ts'
import type { GateReport } from '../gate/verdict.ts'
import { renderGateMarkdown } from './gate-markdown.ts'

/** Files for other tools; each is written where it is named. */
export interface GateFiles {
  gate_json?: string | undefined
  junit?: string | undefined
  bmf?: string | undefined
  markdown?: string | undefined
}

/** @throws ProvemarkError FILE_UNWRITABLE */
export function writeGateFiles(
  files: GateFiles,
  report: GateReport,
  rules: GateRules,
  series: readonly Series[],
): void {
  if (files.gate_json) writeText(files.gate_json, `${JSON.stringify(report, null, 2)}\n`)
  if (files.junit) writeText(files.junit, renderJunit(report, rules))
  if (files.markdown) writeText(files.markdown, renderGateMarkdown(report))
  if (files.bmf) writeText(files.bmf, `${JSON.stringify(makeBmf(series), null, 2)}\n`)
}

function writeText(path: string, text: string): void {
  try {
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, text)
  } catch (cause) {
    throw new ProvemarkError('FILE_UNWRITABLE', `cannot write ${path}: ${(cause as Error).message}`, {
      cause,
      hint: 'see that its folder can be written, or name another file',
    })
  }
}
