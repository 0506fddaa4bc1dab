import { h } from './dom.ts'

/** A row of options of which one is chosen: native radio buttons, so that keys and screen readers know them. */
export function makeChoice<Value extends string>(
  legend: string,
  options: readonly { value: Value; label: string }[],
  chosen: Value,
  onChange: (value: Value) => void,
): HTMLFieldSetElement {
  const name = `choice-${legend.toLowerCase().replaceAll(/\W+/g, '-')}`
  const inputs = options.map(({ value, label }) => {
    const input = h('input', { type: 'radio', name, value, checked: value === chosen })
    input.addEventListener('change', () => onChange(value))
    return h('label', {}, input, h('span', {}, label))
  })
  return h('fieldset', { class: 'choice' }, h('legend', {}, legend), ...inputs)
}
