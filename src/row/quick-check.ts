import { z } from 'zod'
import { isRecord } from './json.ts'

/** True only if a value certainly fits a schema. False if it does not, or if the quick check cannot decide. */
type QuickCheck = (value: unknown) => boolean

/**
 * Builds a check from a schema, for values that are used as they are. It copies and explains nothing and is about
 * twenty times faster than parsing. On false, the caller asks the schema itself.
 */
export function makeQuickCheck(schema: z.core.$ZodType): QuickCheck {
  if (schema instanceof z.ZodOptional) return orNothing(schema.def.innerType, undefined)
  if (schema instanceof z.ZodNullable) return orNothing(schema.def.innerType, null)
  if (schema instanceof z.ZodNumber) return checkNumber(schema)
  if (schema instanceof z.ZodString) return schema.def.checks?.length ? never : isString
  if (schema instanceof z.ZodBoolean) return (value) => typeof value === 'boolean'
  if (schema instanceof z.ZodUnknown) return () => true
  if (schema instanceof z.ZodEnum) return isOneOf(schema.options)
  if (schema instanceof z.ZodLiteral) return isOneOf([...schema.values])
  if (schema instanceof z.ZodUnion) return checkUnion(schema)
  if (schema instanceof z.ZodArray) return schema.def.checks?.length ? never : checkItems(schema)
  if (schema instanceof z.ZodObject) return checkObject(schema)
  if (schema instanceof z.ZodRecord) return checkRecord(schema)
  return never
}

const never: QuickCheck = () => false
const isString: QuickCheck = (value) => typeof value === 'string'

function orNothing(schema: z.core.$ZodType, nothing: null | undefined): QuickCheck {
  if (nothing === undefined && schema instanceof z.ZodNullable) {
    const check = makeQuickCheck(schema.def.innerType)
    return (value) => value == null || check(value)
  }
  const check = makeQuickCheck(schema)
  return (value) => value === nothing || check(value)
}

function isOneOf(values: readonly unknown[]): QuickCheck {
  return (value) => values.includes(value)
}

const NUMBER_CHECKS = [z.core.$ZodCheckGreaterThan, z.core.$ZodCheckLessThan, z.core.$ZodCheckNumberFormat]

/** Handles bounds and integers; any other constraint is left to the schema itself. */
function checkNumber(schema: z.ZodNumber): QuickCheck {
  const { minValue, maxValue, isInt, def } = schema
  const [low, high] = [minValue ?? -Infinity, maxValue ?? Infinity]
  const check: QuickCheck = isInt
    ? (value) => Number.isSafeInteger(value) && (value as number) >= low && (value as number) <= high
    : (value) => typeof value === 'number' && value >= low && value <= high && Number.isFinite(value)
  const isKnown = (def.checks ?? []).every((own) => NUMBER_CHECKS.some((known) => own instanceof known))
  // Detects an exclusive bound.
  return isKnown && [low, high].filter(check).every((bound) => schema.safeParse(bound).success)
    ? check
    : never
}

function checkUnion({ options }: z.ZodUnion): QuickCheck {
  const checks = options.map(makeQuickCheck)
  return (value) => checks.some((check) => check(value))
}

function checkItems({ element }: z.ZodArray): QuickCheck {
  const check = makeQuickCheck(element)
  return (value) => Array.isArray(value) && value.every(check)
}

/** Handles loose objects only, which keep unknown keys as they are. */
function checkObject({ shape, def }: z.ZodObject): QuickCheck {
  if (!(def.catchall instanceof z.ZodUnknown) || def.checks?.length) return never
  const checks = new Map(Object.entries(shape).map(([key, own]) => [key, makeQuickCheck(own)]))
  const required = [...checks].filter(([, check]) => !check(undefined)).map(([key]) => key)
  return (value) => {
    if (!isRecord(value)) return false
    for (const key in value) {
      const check = checks.get(key)
      if (check && !check(value[key])) return false
    }
    return required.every((key) => key in value)
  }
}

function checkRecord({ keyType, valueType, def }: z.ZodRecord): QuickCheck {
  // A record with listed keys requires every one of them unless it is partial.
  const isOpen = keyType instanceof z.ZodString || (keyType instanceof z.ZodEnum && def.partial)
  if (!isOpen || def.checks?.length) return never
  const checkKey = makeQuickCheck(keyType)
  const check = makeQuickCheck(valueType as z.core.$ZodType)
  return (value) => {
    if (!isRecord(value)) return false
    for (const key in value) if (!checkKey(key) || !check(value[key])) return false
    return true
  }
}
