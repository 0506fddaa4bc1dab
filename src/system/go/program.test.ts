import { mkdir, writeFile } from 'node:fs/promises'
import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { afterEach, expect, test, vi } from 'vitest'
import { temporaryFolder } from '../../../fixtures/run-bench.ts'
import { findPrebuilt, ownerOf } from './program.ts'

const PLATFORM = `${process.platform}-${process.arch}`
const OWNER = ownerOf(PLATFORM)!

afterEach(() => void vi.unstubAllEnvs())

/** Folder of an installed package with this list of digests, and the package of this platform beside it. */
async function installPackage(released?: string, bytes = 'program'): Promise<string> {
  const modules = join(await temporaryFolder(), 'node_modules')
  const [root, owner] = [join(modules, 'provemark'), join(modules, OWNER)]
  await mkdir(join(root, 'dist'), { recursive: true })
  await mkdir(join(owner, 'bin'), { recursive: true })
  await writeFile(join(root, 'package.json'), '{}')
  await writeFile(join(owner, 'package.json'), '{}')
  await writeFile(join(owner, 'bin/hello'), bytes)
  if (released)
    await writeFile(join(root, 'dist/prebuilt.json'), JSON.stringify({ [PLATFORM]: { hello: released } }))
  return root
}

const digestOf = (text: string) => createHash('sha256').update(text).digest('hex')

test('a released program is taken from the package of its platform', async () => {
  const root = await installPackage(digestOf('program'))
  expect(await findPrebuilt('hello', root)).toEqual({
    path: join(root, `../${OWNER}/bin/hello`),
    origin: 'prebuilt',
  })
})

test('a program that is not the released one is refused with both digests', async () => {
  const root = await installPackage(digestOf('program'), 'another')
  await expect(findPrebuilt('hello', root)).rejects.toMatchObject({
    code: 'PROVER_SETUP_FAILED',
    message: expect.stringMatching(`${digestOf('program')}, found ${digestOf('another')}$`),
    hint: 'install provemark again, or set PROVEMARK_PREBUILT=off to build it from source',
  })
})

test('whatever is missing is named, and the program is then built from source', async () => {
  const root = await installPackage(digestOf('program'))
  expect(await findPrebuilt('other', root)).toEqual({ missing: `there is none for ${PLATFORM}` })
  expect(await findPrebuilt('hello', await installPackage())).toEqual({
    missing: 'this package was not built by a release',
  })
  vi.stubEnv('PROVEMARK_PREBUILT', 'off')
  expect(await findPrebuilt('hello', root)).toEqual({ missing: 'PROVEMARK_PREBUILT=off' })
})
