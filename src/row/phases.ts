/** The phases of a proof in execution order. In a file of its own for pages that do not load the schema. */
export const PHASES = ['compile', 'witness', 'prove', 'verify'] as const
