import { fileURLToPath } from 'node:url'
import escapeStringRegexp from 'escape-string-regexp'
import type { Plugin } from 'vitest/config'
import { enableCompiled } from './lib/cache.ts'
import type { ProvemarkConfig } from './config/config-types.ts'
import { ProvemarkError, RefusedRun } from './errors.ts'
import { isSource, moduleUrl } from './lib/own-package.ts'
import { nodeProblem } from './node-version.ts'
import { gatherProject } from './run/gather.ts'
import type { ReporterClasses } from './run/reporters.ts'

export type { ProvemarkConfig, TrackSections } from './config/config-types.ts'

/**
 * Vitest plugin: `plugins: [provemark({ profile: 'quick', tracks: { depth: { depth_max: 4 } } })]`. Under `vitest bench`
 * it reads config, environment and flags, finds the provers, and adds the reporters; elsewhere it does nothing.
 */
export function provemark(config: ProvemarkConfig = {}): Plugin {
  let choseReporters = false
  return {
    name: 'provemark',
    config: ({ test }) => {
      // Read it now: once Vitest has resolved the config, its defaults look like a choice.
      choseReporters ||= test?.reporters !== undefined
      const isBench = test && 'benchmarkOnly' in test && test.benchmarkOnly
      // Node loads this source much faster than Vite, which passes it to a worker module by module.
      return isSource && isBench ? { test: { server: { deps: { external: [sourcePattern()] } } } } : {}
    },
    configureVitest({ vitest, project }) {
      if (nodeProblem) return refuseNode(nodeProblem, project.config.benchmark.enabled)
      if (!project.config.benchmark.enabled) return
      project.config.env = { ...project.config.env, ...enableCompiled() }
      return gatherProject(vitest, { project, config, choseReporters }, async (projects) => {
        // By a URL that Vite cannot follow: otherwise it would bundle all of this into the config on every start.
        const { setUpRun } = await load<typeof import('./run/set-up.ts')>('run/set-up')
        const classes = await load<ReporterClasses>('reporters/plugin')
        await setUpRun({ vitest, projects, classes, worker: fileURLToPath(moduleUrl('worker')) })
      })
    },
  }
}

async function load<Module>(name: string): Promise<Module> {
  return (await import(moduleUrl(name).href)) as Module
}

let isWarned = false

/** Ends a `vitest bench`. Unit tests do not depend on provemark: they continue, with one warning for all projects. */
function refuseNode(problem: string, isBench: boolean): void {
  if (isBench) {
    process.exitCode = 2
    throw new RefusedRun(new ProvemarkError('NODE_UNSUPPORTED', problem))
  }
  if (!isWarned) process.stderr.write(`warning: ${problem}\n`)
  isWarned = true
}

function sourcePattern(): RegExp {
  const folder = fileURLToPath(new URL('.', import.meta.url)).replaceAll('\\', '/')
  return new RegExp(`^${escapeStringRegexp(folder)}`)
}
