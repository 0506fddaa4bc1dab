import { hasNoZone, normalizeTime } from '../row/outcome.ts'

/** Text that already is HTML. */
export class Html {
  readonly text: string
  constructor(text: string) {
    this.text = text
  }
}

export type Part = Html | string | number | null | undefined | false | readonly Part[]

/** Builds HTML from a template. All values are escaped unless they are `Html` themselves. */
export function html(strings: TemplateStringsArray, ...parts: Part[]): Html {
  return new Html(strings.reduce((text, string, i) => text + renderPart(parts[i - 1]) + string))
}

function renderPart(part: Part): string {
  if (part == null || part === false) return ''
  if (part instanceof Html) return part.text
  if (typeof part === 'object') return part.map(renderPart).join('')
  return escapeHtml(String(part))
}

const ENTITIES: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

function escapeHtml(text: string): string {
  return text.replaceAll(/[&<>"']/g, (sign) => ENTITIES[sign] as string)
}

/** Digits of a plotted number: more than anyone can see or any table shows. */
const DIGITS = 7

/** JSON that is safe in a script element: no text in it can end the element or start a comment. */
export function embedJson(value: unknown): Html {
  return new Html(JSON.stringify(value, shorten).replaceAll('<', String.raw`\u003c`))
}

function shorten(_key: string, value: unknown): unknown {
  return typeof value === 'number' && !Number.isInteger(value) ? Number(value.toPrecision(DIGITS)) : value
}

/** A timestamp to the minute: `2026-09-14 06:20 UTC`; unchanged if it is not a valid time. */
export function renderTime(timestamp: string): Html {
  const time = normalizeTime(timestamp)
  if (!time) return html`${timestamp}`
  const shown = time.slice(0, 16).replace('T', ' ')
  return html`<time datetime="${time}">${shown} ${hasNoZone(time) ? '(no zone given)' : 'UTC'}</time>`
}

export interface HtmlColumn<Item> {
  head: string
  cell: (item: Item) => Part
  isNumber?: boolean
  /** Class of a cell. */
  mark?: (item: Item) => string
}

interface HtmlTable<Item> {
  /** Name of the region that scrolls. */
  label: string
  caption: Part
  columns: readonly HtmlColumn<Item>[]
  items: readonly Item[]
  className?: string
  rowClass?: (item: Item) => string
}

/** A table that scrolls in its own region. The first column names the rows. */
export function renderTable<Item>(table: HtmlTable<Item>): Html {
  const { label, caption, columns, items, className = '', rowClass = () => '' } = table
  const [first, ...others] = columns
  const classOf = ({ isNumber, mark }: HtmlColumn<Item>, item?: Item) =>
    [isNumber ? 'number' : '', item === undefined ? '' : (mark?.(item) ?? '')].filter(Boolean).join(' ')
  return html`<div class="scroll" tabindex="0" role="region" aria-label="${label}">
    <table class="${className}">
      <caption>
        ${caption}
      </caption>
      <thead>
        <tr>
          ${columns.map((column) => html`<th scope="col" class="${classOf(column)}">${column.head}</th>`)}
        </tr>
      </thead>
      <tbody>
        ${items.map(
          (item) =>
            html`<tr class="${rowClass(item)}">
              <th scope="row">${first!.cell(item)}</th>
              ${others.map((column) => html`<td class="${classOf(column, item)}">${column.cell(item) ?? '—'}</td>`)}
            </tr> `,
        )}
      </tbody>
    </table>
  </div>`
}
