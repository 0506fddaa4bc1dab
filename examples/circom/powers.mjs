// Makes the powers of tau that all circuits share, once: on this machine, and so insecure, for measuring only.
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, renameSync } from 'node:fs'
import { dirname, join } from 'node:path'

const [powers] = process.argv.slice(2)
const run = (...args) => {
  const { status } = spawnSync(join(import.meta.dirname, 'node_modules/.bin/snarkjs'), args, {
    stdio: 'inherit',
  })
  if (status !== 0) process.exit(status ?? 1)
}
if (!existsSync(powers)) {
  const draft = `${powers}.${process.pid}`
  mkdirSync(dirname(powers), { recursive: true })
  run('powersoftau', 'new', 'bn128', '12', `${draft}.0`)
  run('powersoftau', 'prepare', 'phase2', `${draft}.0`, draft)
  renameSync(draft, powers)
}
