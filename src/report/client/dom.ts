/** A single-choice list of options, made of native radio buttons so that keyboards and screen readers work. */
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

type Child = Node | string | null | undefined | false

/** Creates an element with attributes and children. Text is always plain text: nothing here ever parses HTML. */
export function h<Name extends keyof HTMLElementTagNameMap>(
  name: Name,
  attributes: Record<string, string | number | boolean | null | undefined> = {},
  ...children: Child[]
): HTMLElementTagNameMap[Name] {
  const element = document.createElement(name)
  for (const [key, value] of Object.entries(attributes)) {
    if (value === true) element.setAttribute(key, '')
    else if (value != null && value !== false) element.setAttribute(key, String(value))
  }
  element.append(...children.filter((child) => child != null && child !== false))
  return element
}

/** The element with an id. The page always has it. */
export function byId(id: string): HTMLElement {
  const element = document.getElementById(id)
  if (!element) throw new Error(`the report has no element #${id}`)
  return element
}
