import '../src/require-node.ts'
export type { Row } from '../src/row/schema.ts'
export { RowReporter } from './row-reporter.ts'
export * from './deprecated.ts'
