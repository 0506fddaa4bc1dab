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

/** The same function, which remembers what it gave for its last argument: rows of one point follow one another. */
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

// Deeper than settings and parameters nest: what does is taken to differ, and shall not exhaust the stack.
const MAX_COMPARED_DEPTH = 4

/** Whether two values of JSON say the same; of deep ones it may fail to see it. */
export function isSameJson(a: unknown, b: unknown, depth = MAX_COMPARED_DEPTH): boolean {
  if (a === b) return true
  if (depth === 0 || !isObject(a) || !isObject(b) || Array.isArray(a) !== Array.isArray(b)) return false
  for (const name in a) if (!Object.hasOwn(b, name) || !isSameJson(a[name], b[name], depth - 1)) return false
  for (const name in b) if (!Object.hasOwn(a, name)) return false
  return true
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}
