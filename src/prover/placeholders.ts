/** The names in braces in a text: `--out={proof}` contains `proof`. */
export type PlaceholderIn<Text extends string> = Text extends `${string}{${infer Rest}`
  ? Rest extends `${infer Name}}${infer Behind}`
    ?
        | (Name extends `${string}${'"' | "'" | ' ' | ':' | ',' | '{'}${string}` ? never : Name)
        | PlaceholderIn<Behind>
    : never
  : never

/** Braces around anything but a name are text, as in JSON. */
const PLACEHOLDER = /\{([A-Za-z_]\w*)\}/g

/** Names of the placeholders in the words of a command line. */
export function findPlaceholders(words: readonly string[]): string[] {
  return [...new Set(words.flatMap((word) => [...word.matchAll(PLACEHOLDER)].map(([, name]) => name!)))]
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
