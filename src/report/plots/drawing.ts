import type { plot } from '@observablehq/plot'

/** How to draw a plot: in a page, or as a separate file. */
export interface DrawOptions {
  /** Pixels. */
  width: number
  /** Needed if there is no global one. */
  document?: unknown
  /** A page shows figures under the pointer. A file has its title inside the picture instead. */
  mode: 'page' | 'file'
}

/** An SVG element. */
export type Picture = ReturnType<typeof plot>

interface DataTable {
  head: string[]
  rows: (string | number | null)[][]
}

/** One plot: its title, how to draw it, and the same figures as a table for people who cannot see it. */
export interface Drawing {
  /** Valid as a file name and as an element's id. */
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
