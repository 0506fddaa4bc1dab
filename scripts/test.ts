/** `npm test`: every check of the project except the long ones, with one total count at the end. */
import { writeCount } from './test/count-file.ts'
import { addCounts } from './test/count.ts'
import { runAll } from './test/run-all.ts'
import { BUILD, LANES } from './test/steps.ts'

const total = addCounts([await runAll([BUILD]), await runAll(...LANES)])
writeCount(total)
console.log(`\n${total.passed} passed, ${total.failed} failed`)
process.exitCode = total.failed ? 1 : 0
