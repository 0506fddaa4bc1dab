import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { defineCommand } from 'citty'
import { ProvemarkError } from '../errors.ts'
import { suggestName } from '../suggest-name.ts'
import { findProject, type Ci } from './init/find-project.ts'
import { listNextSteps } from './init/next-steps.ts'
import { planFiles, type PlannedFile } from './init/plan-files.ts'
import { TEMPLATES, type TemplateName } from './init/templates.ts'

const CI = ['github', 'gitlab', 'none'] as const
const described = Object.entries(TEMPLATES).map(([name, { description }]) => `${name}: ${description}`)

export default defineCommand({
  meta: {
    name: 'init',
    description:
      'Writes a config, a bench file and a CI workflow into a project, and touches nothing that is there',
  },
  args: {
    template: {
      type: 'string',
      description: `${described.join('; ')} (default: models where the project has ONNX files, else lenet)`,
    },
    ci: { type: 'string', description: `${CI.join(', ')} (default: what the project uses, else github)` },
    'dry-run': { type: 'boolean', description: 'say what would be written' },
  },
  async run({ args }) {
    const project = await findProject(process.cwd())
    const byModels = project.models.length ? 'models' : 'lenet'
    const template = choose('template', args.template ?? byModels, Object.keys(TEMPLATES)) as TemplateName
    const ci = choose('ci', args.ci ?? project.ci, CI) as Ci
    const planned = planFiles(project, template, ci)
    for (const file of planned.files) console.log(placeFile(project.folder, file, args['dry-run'] === true))
    console.log('\nnext:')
    for (const step of listNextSteps(project, planned, template)) console.log(`  ${step}`)
  },
})

/** Writes a file unless one is there, and says which. */
function placeFile(folder: string, { path, text }: PlannedFile, isDryRun: boolean): string {
  const target = join(folder, path)
  if (existsSync(target)) return `kept   ${path}`
  if (isDryRun) return `would write ${path}`
  try {
    mkdirSync(dirname(target), { recursive: true })
    writeFileSync(target, text, { flag: 'wx' })
  } catch (cause) {
    throw new ProvemarkError('FILE_UNWRITABLE', `cannot write ${path}: ${(cause as Error).message}`, {
      cause,
      hint: 'see that the project can be written; what was written before stays, and is kept by the next init',
    })
  }
  return `wrote  ${path}`
}

function choose(flag: string, given: string, known: readonly string[]): string {
  if (known.includes(given)) return given
  throw new ProvemarkError(
    'CONFIG_INVALID',
    `--${flag}: expected one of ${known.join(', ')}, given ${JSON.stringify(given)}`,
    {
      hint: suggestName(given, known),
    },
  )
}
