// Writes the documents and types that are made from the schemas: node scripts/generate-docs.ts [--check]
// With --check nothing is written, and a document that is not what the code says ends it with exit code 1.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { renderConfigTypes } from './docs/config-types.ts'
import { renderConfig } from './docs/config.ts'
import { renderErrors } from './docs/errors.ts'
import { renderFlags } from './docs/flags.ts'
import { renderRows } from './docs/rows.ts'
import { renderGithubWorkflow } from '../src/cli/init/github-workflow.ts'
import { renderGitlabCi } from '../src/cli/init/gitlab-ci.ts'
import { NPM } from '../src/cli/init/package-manager.ts'

const CI_EXAMPLE = {
  manager: NPM,
  shards: 4,
  configFlag: '',
  place: '',
  branch: 'main',
  compare: { prover: './prover.ts,bin=target/release/prover', build: 'cargo build --release' },
}

const DOCUMENTS = {
  'docs/config.md': renderConfig,
  'docs/errors.md': renderErrors,
  'docs/flags.md': renderFlags,
  'docs/rows.md': renderRows,
  'examples/github-actions.yml': () => renderGithubWorkflow(CI_EXAMPLE),
  'examples/gitlab-ci.yml': () => renderGitlabCi(CI_EXAMPLE),
  'src/config/config-types.ts': renderConfigTypes,
}

const isCheck = process.argv.includes('--check')
for (const [name, render] of Object.entries(DOCUMENTS)) {
  const path = fileURLToPath(new URL(`../${name}`, import.meta.url))
  const text = render()
  if (readIfThere(path) === text) continue
  if (isCheck) {
    console.error(`${name} is not what the code says: run node scripts/generate-docs.ts`)
    process.exitCode = 1
  } else {
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, text)
    console.log(`wrote ${name}`)
  }
}

function readIfThere(path: string): string | null {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return null
  }
}
