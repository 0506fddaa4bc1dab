// Parameters are flat; what nests deeper than this is no parameter, and shall not exhaust the stack.
const MAX_DEPTH = 16

// Rows of one point say the same again and again, in the same order of keys: what stands here is looked up.
const known = new Map<string, string>()
const MAX_KNOWN = 4096
const MAX_LENGTH = 4096

/** JSON with the keys of every object in order, so that equal values give equal text. Deep values are cut. */
export function canonicalJson(value: unknown): string {
  const text = stringify(value)
  if (text === undefined || text.length > MAX_LENGTH) return orderKeys(value, 0)
  let ordered = known.get(text)
  if (ordered === undefined) {
    ordered = orderKeys(value, 0)
    if (known.size >= MAX_KNOWN) known.clear()
    known.set(text, ordered)
  }
  return ordered
}

/** Undefined where the value nests too deep. */
function stringify(value: unknown): string | undefined {
  try {
    return JSON.stringify(value)
  } catch {
    return undefined
  }
}

function orderKeys(value: unknown, depth: number): string {
  if (depth > MAX_DEPTH) return '"…"'
  if (Array.isArray(value)) return `[${value.map((item) => orderKeys(item, depth + 1)).join(',')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null'
  const entries = Object.entries(value)
    .filter(([, item]) => item !== undefined)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
  return `{${entries.map(([key, item]) => `${JSON.stringify(key)}:${orderKeys(item, depth + 1)}`).join(',')}}`
}
