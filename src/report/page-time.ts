import { hasNoZone, normalizeTime } from '../row/time.ts'
import { type Html, html } from './html.ts'

/** A timestamp to the minute: `2026-09-14 06:20 UTC`; as it is where it is no time. */
export function renderTime(timestamp: string): Html {
  const time = normalizeTime(timestamp)
  if (!time) return html`${timestamp}`
  const shown = time.slice(0, 16).replace('T', ' ')
  return html`<time datetime="${time}">${shown} ${hasNoZone(time) ? '(no zone given)' : 'UTC'}</time>`
}
