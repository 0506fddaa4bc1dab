import { fileURLToPath } from 'node:url'
import { execa } from 'execa'
import { expect, test } from 'vitest'

const CLI = fileURLToPath(new URL('./cli.ts', import.meta.url))

test('help is plain where no colour is wanted', { timeout: 60_000 }, async () => {
  const help = async (env: Record<string, string>) => {
    const quiet = { NO_COLOR: '', FORCE_COLOR: '', CI: '', TEST: '', TERM: 'xterm' }
    return (await execa(process.execPath, [CLI, 'gate', '--help'], { env: { ...quiet, ...env } })).stdout
  }
  expect(await help({})).toMatch(/^Judges results files .*\n\nusage: npx provemark gate \[FILE…\] \[flags\]/)
  expect(await help({ NO_COLOR: 'yes', FORCE_COLOR: '1' })).not.toContain('\u001B')
  expect(await help({ FORCE_COLOR: '1' })).toContain('\u001B')
})

test('the help of a command lists only flags that it reads', { timeout: 60_000 }, async () => {
  const help = async (name: string) => (await execa(process.execPath, [CLI, name, '--help'])).stdout
  expect(await help('gate')).toContain('seed of the simulated runs')
  expect(await help('compare')).not.toContain('seed of the simulated runs')
  expect(await help('table')).toMatch(/--columns .*\n *a list of values, such as a,b/)
})
