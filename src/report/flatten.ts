import { labelVariants, partsKey, type Variant, variantOf } from '../row/identity.ts'
import { rowSchema, type Row } from '../row/schema.ts'

export type Cell = string | number | boolean | null

/**
 * Flattens a row: objects become dotted columns (`prover.name`, `ecc.totalCost`, `params.depth`), named as by pandas'
 * json_normalize. Lists and anything nested deeper become JSON text.
 */
function flattenRow(row: Row): Map<string, Cell> {
  const cells = new Map<string, Cell>()
  for (const [name, value] of Object.entries(row)) {
    if (!isObject(value)) cells.set(name, toCell(value))
    else for (const [key, inner] of Object.entries(value)) cells.set(`${name}.${key}`, toCell(inner))
  }
  return cells
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function toCell(value: unknown): Cell {
  if (value === null || value === undefined) return null
  if (typeof value === 'object') return JSON.stringify(value)
  return typeof value === 'number' || typeof value === 'boolean' ? value : String(value)
}

const VARIANT = 'variant'

/** The kind that all values of a column so far have in common. */
export type CellKind = 'integer' | 'number' | 'boolean' | 'text'

/** Columns of streamed rows and the kind of each. Columns without any value are left out. */
export class FlatColumns {
  readonly #kinds = new Map<string, CellKind>()
  readonly #variants = new Map<string, Variant>()

  add(row: Row): void {
    const variant = variantOf(row)
    this.#variants.set(`${variant.prover} ${partsKey(row)}`, variant)
    for (const [name, cell] of flattenRow(row)) {
      if (cell === null) continue
      const known = this.#kinds.get(name)
      const kind = kindOf(cell)
      if (known !== kind) this.#kinds.set(name, known === undefined ? kind : widen(known, kind))
    }
  }

  /** The schema's fields in schema order, the name of the variant, then the others in order of first appearance. */
  list(): { name: string; kind: CellKind }[] {
    const order = Object.keys(rowSchema.shape)
    const rank = (name: string) => {
      const at = order.indexOf(name.split('.')[0]!)
      return at === -1 ? order.length : at
    }
    const fields = Array.from(this.#kinds, ([name, kind]) => ({ name, kind })).toSorted(
      (a, b) => rank(a.name) - rank(b.name),
    )
    if (this.#kinds.has(VARIANT)) return fields
    const known = fields.filter(({ name }) => rank(name) < order.length)
    return [...known, { name: VARIANT, kind: 'text' }, ...fields.slice(known.length)]
  }

  /** Makes the cells of a row, once all rows have been added. */
  flattener(): (row: Row) => Map<string, Cell> {
    const labelOf = labelVariants(this.#variants.values())
    return (row) => {
      const cells = flattenRow(row)
      if (!cells.has(VARIANT)) cells.set(VARIANT, labelOf(variantOf(row)))
      return cells
    }
  }
}

function kindOf(cell: Exclude<Cell, null>): CellKind {
  if (typeof cell === 'number') return Number.isSafeInteger(cell) ? 'integer' : 'number'
  return typeof cell === 'boolean' ? 'boolean' : 'text'
}

const NUMBERS: ReadonlySet<CellKind> = new Set(['integer', 'number'])

const widen = (a: CellKind, b: CellKind) => (NUMBERS.has(a) && NUMBERS.has(b) ? 'number' : 'text')
