import type { plot } from '@observablehq/plot'

/** How a drawing is made: in a page, or as a file of its own. */
export interface DrawOptions {
  /** Pixels. */
  width: number
  /** Where there is no global one. */
  document?: unknown
  /** A page shows figures under the pointer; a file has its title inside instead. */
  mode: 'page' | 'file'
}

/** An SVG element. */
export type Picture = ReturnType<typeof plot>

interface DataTable {
  head: string[]
  rows: (string | number | null)[][]
}

/** One plot: what it is called, how it is drawn, and the same figures as a table for those who do not see it. */
export interface Drawing {
  /** Fit for a file name and an element's id. */
  id: string
  title: string
  /** One sentence for screen readers. */
  description: string
  draw: (options: DrawOptions) => Picture
  table: () => DataTable
}

const MAX_SLUG = 100

/** Lower-case letters, digits and dashes. */
export function slug(text: string): string {
  return (
    text
      .replaceAll(/([a-z])([A-Z])/g, '$1-$2')
      .toLowerCase()
      .replaceAll(/[^a-z0-9]+/g, '-')
      .slice(0, MAX_SLUG)
      .replaceAll(/^-|-$/g, '') || 'unnamed'
  )
}
