import { readFile } from 'node:fs/promises'
import nodeModule from 'node:module'
import semver from 'semver'
import { expect, expectTypeOf, test } from 'vitest'
import packageJson from '../package.json' with { type: 'json' }
import { explainNode } from './node-version.ts'

const { engines, devDependencies } = packageJson
const OLDEST = semver.minVersion(engines.node)!.version

interface LockedPackage {
  version?: string
  dev?: boolean
  engines?: { node?: string }
}

async function readLock(): Promise<Record<string, LockedPackage>> {
  const lock = JSON.parse(await readFile('package-lock.json', 'utf8')) as {
    packages: Record<string, LockedPackage>
  }
  return lock.packages
}

test('engines are those of Vitest, and its oldest Node is the one of the types', async () => {
  const { 'node_modules/vitest': vitest, 'node_modules/@types/node': types } = await readLock()
  expect(engines.node).toBe(vitest!.engines!.node)
  expect(devDependencies['@types/node']).toBe(OLDEST)
  expect(types!.version).toBe(OLDEST)
})

test('every package that is installed with provemark runs on the first Node of each line', async () => {
  // The wasm32 build is Vite's fallback for processors without a binary. All processors that Node supports have one.
  const installed = Object.entries(await readLock()).filter(
    ([path, { dev }]) => path && !dev && !path.includes('wasm32'),
  )
  expect(installed.length).toBeGreaterThan(20)
  for (const version of [OLDEST, '24.0.0', '26.0.0']) {
    const refusing = installed.filter(
      ([, { engines: own }]) => own?.node && !semver.satisfies(version, own.node),
    )
    expect(refusing.map(([path, own]) => `${path} ${own.engines?.node}`)).toEqual([])
  }
})

test('a Node is refused exactly where engines refuse it', () => {
  const refused = '14.21.3 18.20.8 20.20.2 21.7.3 22.0.0 22.11.0 23.11.1 25.9.0'
  const admitted = '22.12.0 22.23.3 24.0.0 24.21.0 26.0.0 26.12.1 27.0.0 100.0.0'
  for (const version of `${refused} ${admitted}`.split(' ')) {
    const line = new RegExp(`^provemark needs Node ${OLDEST} .*this is Node ${version}: [^\\n]*$`)
    expect(semver.satisfies(version, engines.node)).toBe(admitted.includes(version))
    expect(explainNode(version) ?? 'admitted').toMatch(admitted.includes(version) ? /^admitted$/ : line)
  }
})

test('the type checker knows nothing newer than the oldest Node', () => {
  expectTypeOf(RegExp).not.toHaveProperty('escape')
  expectTypeOf(Promise).not.toHaveProperty('try')
  expectTypeOf(Uint8Array).not.toHaveProperty('fromBase64')
  expectTypeOf(Error).not.toHaveProperty('isError')
  expectTypeOf(new Map<string, string>()).not.toHaveProperty('getOrInsert')
  expectTypeOf(Symbol).not.toHaveProperty('metadata')
  expectTypeOf(globalThis).not.toHaveProperty('Float16Array')
  expectTypeOf(globalThis).not.toHaveProperty('Temporal')
  expectTypeOf(globalThis).not.toHaveProperty('DisposableStack')
  expectTypeOf(nodeModule).not.toHaveProperty('registerHooks')
  expectTypeOf(nodeModule).not.toHaveProperty('stripTypeScriptTypes')
  expectTypeOf(process).not.toHaveProperty('execve')
})
