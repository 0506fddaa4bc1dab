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
const MAX_DEPTH = 4

/** Whether two values of JSON say the same; of deep ones it may fail to see it. */
export function isSameJson(a: unknown, b: unknown, depth = MAX_DEPTH): boolean {
  if (a === b) return true
  if (depth === 0 || !isObject(a) || !isObject(b) || Array.isArray(a) !== Array.isArray(b)) return false
  for (const name in a) if (!Object.hasOwn(b, name) || !isSameJson(a[name], b[name], depth - 1)) return false
  for (const name in b) if (!Object.hasOwn(a, name)) return false
  return true
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}
