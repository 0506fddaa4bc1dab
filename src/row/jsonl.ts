export { appendRow, formatRow } from './append.ts'
export { readRowBatches, type ReadOptions, readRows, type RowProblem } from './read.ts'
export type { MendedLine } from './torn-line.ts'
