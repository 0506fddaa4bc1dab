/** Sets up what `npm test` needs beside Node and Go; once made, it is kept in the user's cache. */
import { findVenvPython, makeVenv } from '../src/prover/ezkl/venv.ts'
import { prepareJudges } from './judges/venv.ts'

try {
  const report = (line: string) => console.log(`pretest: ${line}`)
  prepareJudges(report)
  if (!findVenvPython()) await makeVenv(report)
} catch (error) {
  console.error(`pretest: ${(error as Error).message}`)
  process.exitCode = 1
}
