/** The value at a key of a map; created and stored if missing. */
export function getOrAdd<Key, Value>(map: Map<Key, Value>, key: Key, make: () => Value): Value {
  let value = map.get(key)
  if (value === undefined) map.set(key, (value = make()))
  return value
}

/** For `getOrAdd`. */
export const startSet = <Value>() => new Set<Value>()

/** Each value once, in order of first appearance, without what is missing. */
export function distinct<Value>(values: readonly (Value | null | undefined)[]): Value[] {
  return [...new Set(values.filter((value) => value != null))]
}

export function addAll<Value>(set: Set<Value>, values: Iterable<Value>): void {
  for (const value of values) set.add(value)
}
