/** The phases of a proof, in the order in which they always run. Apart from the schema for pages that do without it. */
export const PHASES = ['compile', 'witness', 'prove', 'verify'] as const
