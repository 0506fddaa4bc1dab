/** gofmt and go vet over every Go module of the project. */
import { join } from 'node:path'
import { execa } from 'execa'
import { findGo } from '../../src/system/go/toolchain.ts'

const MODULES = ['src/prover/gnark', 'src/process/monitor']

const go = await findGo(console.error)
const { stdout: root } = await execa(go, ['env', 'GOROOT'])
for (const cwd of MODULES) {
  const { stdout } = await execa(join(root, 'bin', 'gofmt'), ['-l', '.'], { cwd })
  if (stdout) {
    console.error(`not formatted, run gofmt -w in ${cwd}:\n${stdout}`)
    process.exitCode = 1
  }
  const { exitCode } = await execa(go, ['vet', './...'], { cwd, stdio: 'inherit', reject: false })
  if (exitCode) process.exitCode = 1
}
