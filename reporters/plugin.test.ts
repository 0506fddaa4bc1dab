import { expect, test } from 'vitest'
import type { ReporterClasses } from '../src/run/reporters.ts'
import * as classes from './plugin.ts'

test('the plugin has every reporter that a run asks for', async () => {
  const { loadGateReporter, ...others }: ReporterClasses = classes
  const names = [...Object.values(others), await loadGateReporter()].map(({ name }) => name)
  expect(names.toSorted()).toEqual([
    'CardReporter',
    'CompactReporter',
    'ExitReporter',
    'GateReporter',
    'HtmlReporter',
    'JsonlReporter',
    'LiveReporter',
    'ShardReporter',
  ])
})
