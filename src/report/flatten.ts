import { rowSchema, type Row } from '../row/schema.ts'

export type Cell = string | number | boolean | null

/**
 * A row as one level of cells: objects become columns with a dot (`prover.name`, `ecc.totalCost`, `params.depth`), as
 * pandas' json_normalize names them; what lies deeper, and lists, become JSON text.
 */
export function flattenRow(row: Row): Map<string, Cell> {
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

/** What all values of a column have been so far. */
export type CellKind = 'integer' | 'number' | 'boolean' | 'text'

/** The columns of rows that stream by, and the kind of each; a column without any value is none. */
export class FlatColumns {
  readonly #kinds = new Map<string, CellKind>()

  add(row: Row): void {
    for (const [name, cell] of flattenRow(row)) {
      if (cell === null) continue
      const known = this.#kinds.get(name)
      const kind = kindOf(cell)
      if (known !== kind) this.#kinds.set(name, known === undefined ? kind : widen(known, kind))
    }
  }

  /** The schema's fields in the schema's order, then all others as they came. */
  list(): { name: string; kind: CellKind }[] {
    const order = Object.keys(rowSchema.shape)
    const rank = (name: string) => {
      const at = order.indexOf(name.split('.')[0]!)
      return at === -1 ? order.length : at
    }
    return Array.from(this.#kinds, ([name, kind]) => ({ name, kind })).toSorted(
      (a, b) => rank(a.name) - rank(b.name),
    )
  }
}

function kindOf(cell: Exclude<Cell, null>): CellKind {
  if (typeof cell === 'number') return Number.isSafeInteger(cell) ? 'integer' : 'number'
  return typeof cell === 'boolean' ? 'boolean' : 'text'
}

function widen(a: CellKind, b: CellKind): CellKind {
  const kinds = new Set([a, b])
  return kinds.has('integer') && kinds.has('number') ? 'number' : 'text'
}
