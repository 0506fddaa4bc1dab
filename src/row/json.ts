// Parameters are flat. What is nested deeper than this keeps the order of its keys and cannot exhaust the stack.
const MAX_DEPTH = 16

// Rows of one point repeat the same values with keys in the same order, so their text is cached.
const known = new Map<string, string>()
const MAX_KNOWN = 4096
const MAX_LENGTH = 4096

/**
 * JSON with the keys of every object sorted, so that equal values give equal text, down to 16 levels. Its text goes
 * into the keys of every row and into the digests of plans and circuits. safe-stable-stringify takes twice as long for
 * the keys of a million rows and cuts deep values off, which makes them all equal.
 */
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

/** Undefined if the value is nested too deep for the stack, or nothing that JSON can hold. */
function stringify(value: unknown): string | undefined {
  try {
    return JSON.stringify(value)
  } catch {
    return undefined
  }
}

function orderKeys(value: unknown, depth: number): string {
  if (depth > MAX_DEPTH) return stringify(value) ?? '"…"'
  if (Array.isArray(value)) return `[${value.map((item) => orderKeys(item, depth + 1)).join(',')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null'
  const entries = Object.entries(value)
    .filter(([, item]) => item !== undefined)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
  return `{${entries.map(([key, item]) => `${JSON.stringify(key)}:${orderKeys(item, depth + 1)}`).join(',')}}`
}

/** Caches the result for the last argument: rows of one point follow one another. */
export function rememberLast<Value, Result>(
  compute: (value: Value) => Result,
  isSame: (a: Value, b: Value) => boolean,
): (value: Value) => Result {
  let last: { value: Value; result: Result } | undefined
  return (value) => {
    if (!last || !isSame(last.value, value)) last = { value, result: compute(value) }
    return last.result
  }
}

// Settings and parameters are never nested this deep. Deeper values count as different, to protect the stack.
const MAX_COMPARED_DEPTH = 4

/** Whether two JSON values are equal. May be false for equal values that are nested deep. */
export function isSameJson(a: unknown, b: unknown, depth = MAX_COMPARED_DEPTH): boolean {
  if (a === b) return true
  if (depth === 0 || !isObject(a) || !isObject(b) || Array.isArray(a) !== Array.isArray(b)) return false
  for (const name in a) if (!Object.hasOwn(b, name) || !isSameJson(a[name], b[name], depth - 1)) return false
  for (const name in b) if (!Object.hasOwn(a, name)) return false
  return true
}

/** Whether a value is an object, and no list. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return isObject(value) && !Array.isArray(value)
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}
