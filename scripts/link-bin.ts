/** Links the package's own command where npx looks for it: npm only links those of dependencies. */
import { mkdirSync, rmSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import packageJson from '../package.json' with { type: 'json' }

const folder = join(import.meta.dirname, '../node_modules/.bin')
mkdirSync(folder, { recursive: true })
for (const [name, path] of Object.entries(packageJson.bin)) {
  rmSync(join(folder, name), { force: true })
  symlinkSync(join('../..', path), join(folder, name))
}
