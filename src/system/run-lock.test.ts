import { spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type AddressInfo } from 'node:net'
import { fileURLToPath } from 'node:url'
import { expect, onTestFinished, test } from 'vitest'
import { type LockAddress, lockAddressOf } from './run-lock.ts'
import { type LockHolder, takeRunLock } from './run-lock.ts'

const HOLDER = fileURLToPath(new URL('../../fixtures/hold-run-lock.ts', import.meta.url))

/** A process that takes the lock; `says` resolves when it has printed that word. */
function startHolder(address: LockAddress) {
  const child = spawn(process.execPath, [HOLDER, JSON.stringify(address)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  let output = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text))
  const says = async (word: string) => {
    while (!output.split('\n').includes(word)) await once(child.stdout, 'data')
  }
  return { child, says, output: () => output }
}

/** One address of each kind that some system uses; the port was free when it was chosen. */
async function makeAddresses(): Promise<LockAddress[]> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  const named = process.platform === 'linux' ? [{ path: `\0provemark-test-${randomUUID()}` }] : []
  return [...named, { host: '127.0.0.1', port }]
}

test('one process at a time holds the lock, and a kill frees it at once', async () => {
  for (const address of await makeAddresses()) {
    const first = startHolder(address)
    await first.says('holds')
    const others = [startHolder(address), startHolder(address)]
    await Promise.all(others.map(({ says }) => says('waits')))
    first.child.kill('SIGKILL')
    const next = await Promise.any(others.map((other) => other.says('holds').then(() => other)))
    const last = others.find((other) => other !== next)!
    expect(last.output()).not.toContain('holds')
    next.child.kill('SIGKILL')
    await last.says('holds')
  }
})

test('a run that may not wait is refused, and told by whom', async () => {
  const [address] = await makeAddresses()
  const holder = startHolder(address!)
  await holder.says('holds')
  await expect(takeRunLock({ mode: 'refuse', root: '/', address: address! })).rejects.toMatchObject({
    code: 'RUN_LOCKED',
    message: expect.stringContaining(`process ${holder.child.pid} in ${process.cwd()}`),
  })
})

test('what is given back can be taken again, by one who waits too', async () => {
  const [address] = await makeAddresses()
  const release = await takeRunLock({ mode: 'refuse', root: '/first', address: address! })
  const waitsFor = Promise.withResolvers<LockHolder | null>()
  const second = takeRunLock({ mode: 'wait', root: '/', address: address!, onWait: waitsFor.resolve })
  expect(await waitsFor.promise).toMatchObject({ pid: process.pid, root: '/first' })
  release()
  const releaseSecond = await second
  releaseSecond()
})

test('a stranger at the address is waited for and not believed', async () => {
  const [address] = await makeAddresses()
  const stranger = createServer((socket) => socket.write('x'.repeat(100_000))).listen(address!)
  await once(stranger, 'listening')
  await expect(takeRunLock({ mode: 'refuse', root: '/', address: address! })).rejects.toThrow(
    'a process that does not name itself',
  )
  stranger.close()
})

test('every system has an address that its kernel frees', () => {
  expect(lockAddressOf('linux')).toEqual({ path: expect.stringMatching(/^\0/) })
  expect(lockAddressOf('win32')).toEqual({ path: '\\\\.\\pipe\\provemark-run' })
  expect(lockAddressOf('darwin')).toMatchObject({ host: '127.0.0.1' })
  // A run builds while it holds the machine, so it must not wait for itself.
  for (const system of ['linux', 'win32', 'darwin'] as const)
    expect(lockAddressOf(system, 'a')).not.toEqual(lockAddressOf(system))
  for (const system of ['linux', 'win32'] as const)
    expect(lockAddressOf(system, 'a')).not.toEqual(lockAddressOf(system, 'b'))
})
