/** What comes out of another thread: the public fields of a value, without its methods. */
export type Cloned<Value> =
  Value extends Map<infer Key, infer Item>
    ? Map<Key, Cloned<Item>>
    : Value extends Set<unknown> | Float64Array
      ? Value
      : Value extends readonly (infer Item)[]
        ? readonly Cloned<Item>[]
        : Value extends object
          ? { [Key in keyof Value as Value[Key] extends Method ? never : Key]: Cloned<Value[Key]> }
          : Value

type Method = (...args: never[]) => unknown
