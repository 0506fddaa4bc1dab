/** The phases of a proof in execution order. In a separate file for code that must not load the schema. */
export const PHASES = ['compile', 'witness', 'prove', 'verify'] as const
