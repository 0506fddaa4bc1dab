import type { Budget } from './budget.ts'
import type { GateSection } from './schema.ts'

/** The gate of a run as its config, environment and flags have it, the budgets read. */
export type GateOptions = Omit<GateSection, 'budgets'> & { budgets: Budget[] }

/** Whether there is anything to judge by. */
export const isGated = ({ baseline, budgets }: GateOptions) => baseline !== undefined || budgets.length > 0
