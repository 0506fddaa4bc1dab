import { compareNaturally } from '../../lib/names.ts'
import { byId, h } from './dom.ts'
import { queryRows } from './row-query.ts'
import { loadRows, type RowStore } from './row-store.ts'
import { RowTable, type Sort } from './row-table.ts'

/** Columns with few distinct texts, filtered by a list. */
const LISTS = [
  { id: 'status', any: 'any status' },
  { id: 'phase', any: 'any phase' },
  { id: 'prover', any: 'any prover' },
  { id: 'track', any: 'any track' },
  { id: 'run', any: 'any run' },
]
const MAX_OPTIONS = 200
const TYPING_MS = 120

/** Unpacks the rows and shows them as a table that can be sorted and filtered. */
export async function addRowBrowser(): Promise<void> {
  const store = await loadRows(document.querySelectorAll('script.row-chunk'))
  const section = byId('rows')
  const count = h('output', { id: 'row-count', 'aria-live': 'polite' })
  const equal = new Map<string, string>()
  let words = ''
  let sort: Sort = null
  const update = () => {
    const found = queryRows(store, { words, equal, sort })
    const all = store.count.toLocaleString('en-US')
    count.textContent =
      found.length === store.count ? `${all} rows` : `${found.length.toLocaleString('en-US')} of ${all} rows`
    table.show(found)
  }
  const table = new RowTable(store, (chosen) => {
    sort = chosen
    update()
  })
  const search = h('input', {
    type: 'search',
    placeholder: 'depth_d3 prove failed',
    'aria-label': 'Rows with these words',
  })
  let timer: ReturnType<typeof setTimeout> | undefined
  search.addEventListener('input', () => {
    clearTimeout(timer)
    timer = setTimeout(() => {
      words = search.value
      update()
    }, TYPING_MS)
  })
  const lists = LISTS.flatMap(({ id, any }) => {
    const list = makeList(store, id, any)
    list?.addEventListener('change', () => {
      if (list.value === '') equal.delete(id)
      else equal.set(id, list.value)
      update()
    })
    return list ?? []
  })
  section.append(h('div', { class: 'controls' }, search, ...lists, count), table.element)
  update()
  section.dataset['ready'] = 'true'
}

function makeList({ columns }: RowStore, id: string, any: string): HTMLSelectElement | null {
  const { texts } = columns.get(id)!
  if (texts.length < 2 || texts.length > MAX_OPTIONS) return null
  const options = texts.toSorted(compareNaturally).map((value) => h('option', { value }, value))
  return h('select', { 'aria-label': id, 'data-list': id }, h('option', { value: '' }, any), ...options)
}
