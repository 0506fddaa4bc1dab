import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { cacheDir } from '../../src/lib/cache.ts'
import { findPython, makeVenvAt, pythonOf } from '../../src/system/python.ts'

const REQUIREMENTS = join(import.meta.dirname, 'requirements.txt')

/** The virtual environment of the judges, in the user's cache, one per version of requirements.txt. */
function locateVenv(): string {
  const digest = createHash('sha256').update(readFileSync(REQUIREMENTS)).digest('hex').slice(0, 12)
  return cacheDir(`judges-${digest}`)
}

/** Python with onnx, onnxruntime, numpy, DuckDB and pandas, for tests; `scripts/pretest.ts` makes it. */
export function locateJudgePython(): string {
  return pythonOf(locateVenv())
}

/** Makes the environment unless it is there. */
export async function prepareJudges(report: (line: string) => void): Promise<void> {
  if (existsSync(locateJudgePython())) return
  const python = await findPython()
  if (!python) throw new Error('no python3 on PATH: install Python 3.11 or newer')
  report(`setting up the Python judges (a download of some 120 MB, once; kept in ${locateVenv()})`)
  await makeVenvAt(locateVenv(), python, { requirements: REQUIREMENTS, report })
}
