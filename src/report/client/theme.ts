import { makeChoice } from './choice.ts'
import { byId } from './dom.ts'

/** Lets the reader choose light or dark; until then the system's own choice holds. */
export function addThemeChoice(): void {
  const options = ['auto', 'light', 'dark'].map((value) => ({ value, label: value }))
  byId('theme').append(
    makeChoice('Colours', options, 'auto', (value) => {
      document.documentElement.dataset['theme'] = value
    }),
  )
}
