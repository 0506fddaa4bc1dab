/** The reporters that the plugin adds to a run. */
export { CardReporter } from './card-reporter.ts'
export { CompactReporter } from './compact-reporter.ts'
export { ExitReporter } from './exit-reporter.ts'
export { HtmlReporter } from './html-reporter.ts'
export { JsonlReporter } from './jsonl-reporter.ts'
export { LiveReporter } from './live-reporter.ts'
export { ShardReporter } from './shard-reporter.ts'

/** Few runs have a gate, and only those load it. */
export const loadGateReporter = async () => (await import('./gate-reporter.ts')).GateReporter
