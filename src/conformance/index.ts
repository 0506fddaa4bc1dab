import '../require-node.ts'
export {
  checkConformance,
  type CheckName,
  type ConformanceOptions,
  type ConformanceReport,
} from './check-conformance.ts'
export type { Check } from './run-checks.ts'
