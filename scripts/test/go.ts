/** Runs the Go command that the project finds or has fetched, with these arguments. */
import { execa } from 'execa'
import { findGo } from '../../src/system/go/toolchain.ts'

const go = await findGo(console.error)
const { exitCode } = await execa(go, process.argv.slice(2), { stdio: 'inherit', reject: false })
process.exitCode = exitCode ?? 1
