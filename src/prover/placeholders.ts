/** The names in braces in a text: `--out={proof}` contains `proof`. */
export type PlaceholderIn<Text extends string> = Text extends `${string}{${infer Rest}`
  ? Rest extends `${infer Name}}${infer Behind}`
    ?
        | (Name extends `${string}${'"' | "'" | ' ' | ':' | ',' | '{'}${string}` ? never : Name)
        | PlaceholderIn<Behind>
    : never
  : never

/** Braces around anything other than a name are text, as in JSON. */
const PLACEHOLDER = /\{(params\.[\w-]+|[A-Za-z_]\w*)\}/g

/** Names of the placeholders in the words of a command line. */
export function findPlaceholders(words: readonly string[]): string[] {
  return [...new Set(words.flatMap((word) => [...word.matchAll(PLACEHOLDER)].map(([, name]) => name!)))]
}

const OF_POINT = 'params.'

/** The parameters of a point among placeholders: `log_n` of `params.log_n`. */
export function findParams(names: readonly string[]): string[] {
  return names.filter(isParam).map((name) => name.slice(OF_POINT.length))
}

export const isParam = (name: string) => name.startsWith(OF_POINT)

/** The parameters of a point by placeholder, as text: numbers, truth values and text as they are, others as JSON. */
export function valuesOfParams(params: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(params).map(([name, value]) => [
      `${OF_POINT}${name}`,
      typeof value === 'object' && value !== null ? JSON.stringify(value) : (value ?? undefined),
    ]),
  )
}

/** The words with names replaced by values. A word that names a setting without a value is left out. */
export function fillPlaceholders(
  words: readonly string[],
  values: Readonly<Record<string, unknown>>,
): string[] {
  return words.flatMap((word) => {
    const names = findPlaceholders([word])
    if (names.some((name) => values[name] === undefined)) return []
    return [word.replaceAll(PLACEHOLDER, (_, name: string) => String(values[name]))]
  })
}
