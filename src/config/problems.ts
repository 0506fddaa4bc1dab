import { inspect } from 'node:util'
import type { z } from 'zod'
import { cutText, listProblems, MAX_QUOTED, type Problem, ProvemarkError } from '../errors.ts'
import { suggestName } from '../lib/names.ts'
import { alternatives, describeType, type JsonSchema } from './fields.ts'

/** An impossible plan, with everything that is wrong with it. */
class PlanRefusal extends ProvemarkError {
  readonly #problems: readonly Problem[]

  constructor(
    problems: readonly Problem[],
    hint = 'npx vitest bench -- --help lists the flags with their defaults',
  ) {
    super('CONFIG_INVALID', listProblems(problems, ', nothing was run'), { hint })
    this.#problems = problems
  }

  get problems(): readonly Problem[] {
    return this.#problems
  }
}

/** One error that lists every problem, since fixing them one by one would cost a run each. */
export function refusePlan(problems: readonly Problem[], next?: string): PlanRefusal {
  return new PlanRefusal(problems, next)
}

/** The result of a step; undefined if it fails, with its problems added to the list. */
export async function collectProblems<Result>(
  problems: Problem[],
  step: () => Promise<Result>,
): Promise<Result | undefined> {
  try {
    return await step()
  } catch (error) {
    if (!(error instanceof PlanRefusal)) throw error
    problems.push(...error.problems)
    return undefined
  }
}

/** Any value as text for an error: as JSON if possible, cut if long. */
export function showValue(value: unknown): string {
  if (value === undefined) return 'nothing'
  return cutText(
    toJson(value) ?? inspect(value, { depth: 2, maxArrayLength: 20, maxStringLength: MAX_QUOTED }),
  )
}

function toJson(value: unknown): string | undefined {
  // JSON writes null for them.
  if (typeof value === 'number' && !Number.isFinite(value)) return String(value)
  try {
    return JSON.stringify(value)
  } catch {
    // A cycle, a BigInt, or too deep for the stack.
    return undefined
  }
}

type Issue = z.core.$ZodIssue

/** What is wrong with one value, and where in it. */
interface Fault {
  /** Appended to the key: `.prove`, `[1].max`. */
  path: string
  expected: string
  /** The value as JSON. */
  given: string
  hint?: string | undefined
}

/**
 * What a value should have been, as specific as the schema allows.
 * @param expected description of the whole value
 */
export function explainIssue(issue: Issue, value: unknown, json: JsonSchema, expected: string): Fault[] {
  return openUnions(issue).flatMap((own) => {
    const steps = own.path.slice(1)
    const at = steps.reduce<unknown>(
      (inner, step) => (inner as Record<PropertyKey, unknown> | undefined)?.[step],
      value,
    )
    const schema =
      steps.reduce<JsonSchema | undefined>((inner, step) => inner && inside(inner, step), json) ?? {}
    if (own.code === 'unrecognized_keys') return own.keys.map((key) => unknownKey(key, at, steps, schema))
    const isWhole = !steps.length
    return [
      {
        path: pathOf(steps),
        expected: isWhole ? expected : own.code === 'custom' ? own.message : describeType(schema),
        given: showValue(at),
        hint: suggestFix(at, schema),
      },
    ]
  })
}

function unknownKey(key: string, at: unknown, steps: readonly PropertyKey[], schema: JsonSchema): Fault {
  return {
    path: pathOf([...steps, key]),
    expected: 'a known key',
    given: showValue((at as Record<string, unknown> | undefined)?.[key]),
    hint: suggestName(key, [
      ...Object.keys(propertiesOf(schema)),
      ...alternatives(schema).flatMap(({ propertyNames }) => wordsOf(propertyNames)),
    ]),
  }
}

/** For a union, the branch that matched the deepest part of the value is the intended one. */
function openUnions(issue: Issue): Issue[] {
  if (issue.code !== 'invalid_union') return [issue]
  const depthOf = (branch: readonly Issue[]) =>
    Math.max(...branch.map(({ path, code }) => path.length + Number(code === 'unrecognized_keys')))
  const branch = issue.errors.toSorted((a, b) => depthOf(b) - depthOf(a))[0]
  if (!branch || depthOf(branch) < 1) return [issue]
  return branch.flatMap((own) => openUnions({ ...own, path: [...issue.path, ...own.path] }))
}

function inside(json: JsonSchema, step: PropertyKey): JsonSchema | undefined {
  for (const form of alternatives(json)) {
    const found =
      typeof step === 'number' ? form.items : (propertiesOf(form)[String(step)] ?? form.additionalProperties)
    if (found && typeof found === 'object') return found as JsonSchema
  }
  return undefined
}

function propertiesOf(json: JsonSchema): Record<string, unknown> {
  return Object.assign({}, ...alternatives(json).map(({ properties }) => properties ?? {})) as Record<
    string,
    unknown
  >
}

function wordsOf(json: unknown): string[] {
  return alternatives((json ?? {}) as JsonSchema).flatMap(({ enum: words = [] }) => words.map(String))
}

/** Suggests the closest allowed word, the value without quotes, or the value wrapped in a list. */
function suggestFix(value: unknown, json: JsonSchema): string | undefined {
  if (typeof value !== 'string') return undefined
  const forms = alternatives(json)
  const choices = wordsOf(json)
  const nearest = choices.length ? suggestName(value, choices) : ''
  if (nearest.startsWith('did you mean')) return nearest
  const isNumber = forms.some(({ type }) => type === 'integer' || type === 'number')
  if (isNumber && value.trim() && Number.isFinite(Number(value))) return `write ${value} without quotes`
  return forms.some(({ type }) => type === 'array') ? `write [${JSON.stringify(value)}]` : undefined
}

function pathOf(steps: readonly PropertyKey[]): string {
  return steps.map((step) => (typeof step === 'number' ? `[${step}]` : `.${String(step)}`)).join('')
}
