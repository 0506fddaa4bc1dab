import { type Html, html } from './html.ts'

/** A timestamp to the minute: `2026-09-14 06:20 UTC`. */
export function renderTime(timestamp: string): Html {
  const shown = timestamp.slice(0, 16).replace('T', ' ')
  return html`<time datetime="${timestamp}">${shown} UTC</time>`
}
