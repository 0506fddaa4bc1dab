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

type Child = Node | string | null | undefined | false

/** An element with its attributes and children. Text is always text: nothing here ever parses HTML. */
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

/** The element with an id, which the page always has. */
export function byId(id: string): HTMLElement {
  const element = document.getElementById(id)
  if (!element) throw new Error(`the report has no element #${id}`)
  return element
}
