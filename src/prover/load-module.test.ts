import { fileURLToPath } from 'node:url'
import { execa } from 'execa'
import { expect, test } from 'vitest'
import { makeProject } from '../../fixtures/make-project.ts'
import { runBench } from '../../fixtures/run-bench.ts'

const LOADER = fileURLToPath(new URL('./load-module.ts', import.meta.url))

/** Loads provers in the same way as a process of a run: name of the prover, or the advice, by file. */
async function loadIn(dir: string, files: readonly string[]): Promise<Record<string, string>> {
  const script = `
    const { importProver } = await import(${JSON.stringify(LOADER)})
    const load = (file) => importProver(file).then(({ name }) => name, ({ hint }) => hint)
    const loaded = []
    for (const file of ${JSON.stringify(files)}) loaded.push([file, await load(${JSON.stringify(dir)} + '/' + file)])
    console.log(JSON.stringify(Object.fromEntries(loaded)))`
  const { stdout } = await execa(process.execPath, ['--no-warnings', '--input-type=module', '-e', script])
  return JSON.parse(stdout) as Record<string, string>
}

const ESM = `import { readFileSync } from 'node:fs'
export default { name: 'own', phases: {}, locate() {}, read() {}, readFileSync }
`
const CJS = `const { readFileSync } = require('node:fs')
module.exports = { name: 'own', phases: {}, locate() {}, read() {}, readFileSync }
`
const ENUM = `enum Scheme { Groth16 }
export default { name: Scheme[0] && 'own', phases: {}, locate() {}, read() {} }
`

test.for(['', '"type": "commonjs"', '"type": "module"'])(
  'a prover of either syntax loads in a package of {%s}',
  async (type) => {
    const endings = ['ts', 'js', 'mts', 'mjs', 'cts', 'cjs']
    const modules = new Map(endings.map((ending) => [`esm.${ending}`, ESM]))
    for (const ending of type.includes('module') ? ['cjs', 'cts'] : ['cjs', 'cts', 'js', 'ts'])
      modules.set(`cjs.${ending}`, CJS)
    modules.set('enum.ts', ENUM)
    const dir = await makeProject({ 'package.json': `{${type}}`, ...Object.fromEntries(modules) })
    const names = [...modules.keys()]
    expect(await loadIn(dir, names)).toEqual(Object.fromEntries(names.map((name) => [name, 'own'])))
  },
)

test('CommonJS where Node takes a module for ESM gets advice that helps', async () => {
  const dir = await makeProject({ 'own.mjs': CJS })
  expect(await loadIn(dir, ['own.mjs'])).toEqual({
    'own.mjs':
      'Node reads it as an ES module: use import and export default, or let its name end in .cjs or .cts',
  })
})

test('what Vite cannot find is told, not that Node took the module for CommonJS', async () => {
  const own = "import { Size } from '@lib/sizes'\nexport default Size\n"
  const dir = await makeProject({ 'package.json': '{"type": "commonjs"}', 'own.ts': own })
  const { output } = await runBench(dir, ['lenet'], ['--prover', `${dir}/own.ts`])
  expect(output).toMatch(/own\.ts could not be loaded: .*'?@lib\/sizes/)
  expect(output).toContain('without the aliases of a config: import by relative paths')
})

test('what a module throws is told even if Vite had to load it', async () => {
  const dir = await makeProject({ 'own.ts': `${ENUM}throw new TypeError('no licence file')\n` })
  const { output } = await runBench(dir, ['lenet'], ['--prover', `${dir}/own.ts`])
  expect(output).toContain(`${dir}/own.ts could not be loaded: TypeError: no licence file`)
})

test('Node does not warn of what Vite loads', async () => {
  const dir = await makeProject({
    'package.json': '{"type": "commonjs"}',
    'own.ts': ESM,
    'own.js': ESM,
  })
  for (const name of ['own.ts', 'own.js']) {
    const script = `import { importProver } from ${JSON.stringify(LOADER)}
      console.log((await importProver(${JSON.stringify(`${dir}/${name}`)})).name)`
    const { stdout, stderr } = await execa(process.execPath, ['--input-type=module', '-e', script])
    expect([stdout, stderr]).toEqual(['own', ''])
  }
})
