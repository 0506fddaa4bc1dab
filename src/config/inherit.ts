type Config = Readonly<Record<string, unknown>>

/** Sections whose keys are inherited one by one. */
const SECTIONS = new Set(['gate', 'tracks'])

/** One config over another, as a project has its own over the one that it inherits: the later wins, key by key. */
export function inheritConfig(base: Config, own: Config): Config {
  const merged = Object.entries(own).map(([key, value]) => {
    const inherited = base[key]
    const isMerged = SECTIONS.has(key) && isObject(inherited) && isObject(value)
    return [key, isMerged ? mergeSection(key, inherited, value) : value] as const
  })
  return { ...base, ...Object.fromEntries(merged) }
}

function mergeSection(name: string, base: Config, own: Config): Config {
  if (name !== 'tracks') return { ...base, ...own }
  const tracks = Object.entries(own).map(([track, params]) => {
    const inherited = base[track]
    return [track, isObject(inherited) && isObject(params) ? { ...inherited, ...params } : params] as const
  })
  return { ...base, ...Object.fromEntries(tracks) }
}

function isObject(value: unknown): value is Config {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
