import { existsSync } from 'node:fs'
import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { execa } from 'execa'
import { locateChromium, UNPACKED } from '../../fixtures/chromium.ts'
import { moveIntoPlace, unfinishedPath } from '../../src/lib/whole-file.ts'

/** Chromium for the tests of the report: the machine's own, or that of a package, unpacked once. */
export async function prepareBrowser(report: (line: string) => void): Promise<void> {
  const found = locateChromium()
  if (found && existsSync(found.executablePath)) return
  if (found) throw new Error(`there is no browser at ${found.executablePath}, which CHROMIUM names`)
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    throw new Error('none on PATH: install Chromium, or name a browser in CHROMIUM')
  }
  report(`unpacking Chromium (200 MB, once; kept in ${UNPACKED})`)
  const unfinished = unfinishedPath(UNPACKED)
  try {
    await mkdir(unfinished, { recursive: true, mode: 0o700 })
    await unpack(unfinished)
    await writeFile(join(unfinished, 'fonts.conf'), describeFonts())
    await moveIntoPlace(unfinished, UNPACKED)
  } finally {
    await rm(unfinished, { recursive: true, force: true })
  }
}

/** The package unpacks to the folder for temporary files, and completely only on AWS Lambda. */
async function unpack(folder: string): Promise<void> {
  const env = { TMPDIR: folder, AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs24.x' }
  await execa(process.execPath, [join(import.meta.dirname, 'unpack-chromium.ts')], { env })
}

function describeFonts(): string {
  return `<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <dir>${join(UNPACKED, 'fonts')}</dir>
  <dir>/usr/share/fonts</dir>
  <cachedir>${join(UNPACKED, 'fonts-cache')}</cachedir>
</fontconfig>
`
}
