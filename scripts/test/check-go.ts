/** gofmt and go vet over every Go module of the project. */
import { execa } from 'execa'

const MODULES = ['src/prover/gnark', 'src/measure/launcher']

for (const cwd of MODULES) {
  const { stdout } = await execa('gofmt', ['-l', '.'], { cwd })
  if (stdout) {
    console.error(`not formatted, run gofmt -w in ${cwd}:\n${stdout}`)
    process.exitCode = 1
  }
  const { exitCode } = await execa('go', ['vet', './...'], { cwd, stdio: 'inherit', reject: false })
  if (exitCode) process.exitCode = 1
}
