type Flat = Readonly<Record<string, unknown>> | null | undefined

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

/** Whether two objects have the same values in the same order of keys; what nests is the same only where it is one. */
export function isSameFlat(a: Flat, b: Flat): boolean {
  if (a === b) return true
  if (!a || !b) return false
  const names = Object.keys(a)
  const others = Object.keys(b)
  return names.length === others.length && names.every((name, i) => name === others[i] && a[name] === b[name])
}
