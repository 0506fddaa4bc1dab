/** Finds what `npm test` needs in addition to Node, and installs what is missing once, in the user's cache. */
import { findGo } from '../src/system/go/toolchain.ts'
import { findVenvPython, makeVenv } from '../src/prover/ezkl/locate.ts'
import { prepareJudges } from './judges/venv.ts'
import { prepareBrowser } from './pretest/browser.ts'
import { requirePrograms } from './pretest/programs.ts'

const NEEDS: Readonly<Record<string, (report: (line: string) => void) => unknown>> = {
  programs: requirePrograms,
  Go: findGo,
  'the Python judges': prepareJudges,
  ezkl: (report) => findVenvPython() ?? makeVenv(report),
  'a browser': prepareBrowser,
}

const report = (line: string) => console.log(`pretest: ${line}`)
for (const [name, prepare] of Object.entries(NEEDS)) {
  try {
    await prepare(report)
  } catch (error) {
    const reason = (error as Error).message.replaceAll(/\s*\n\s*/g, ' | ')
    console.error(`pretest: cannot bring ${name}: ${reason}`)
    process.exitCode = 1
  }
}
