// The ask: who, what, on which target, because of what, for how long; as a form.

import type { Bundle, RequestDocument } from 'glasskey-wasm'
import { requests } from 'virtual:pack'
import { h } from './dom'
import { names, type World } from './world'
import { name } from './words'

const SUPPORTS = ['incident', 'shift', 'window', 'task'] as const

type Ask = RequestDocument & { scope: { action: string; resource: string }[] }

export interface AskForm {
  element: HTMLElement
  /** Offers what a world and a pack have to choose from, and keeps what is chosen. */
  offer(world: World, bundle: Bundle): void
  /** The request as it is filled in. */
  asked(): RequestDocument
  /** What is chosen of one kind; nothing is `''`. */
  support(kind: (typeof SUPPORTS)[number]): string
  /** The first pair of the scope. */
  pair(): { action: string; resource: string }
}

/** The form; `changed` is called when it asks for something else. */
export function askForm(changed: () => void): AskForm {
  let preset = requests['oncall-restart.json'] as Ask
  let offered: { world: World; bundle: Bundle } | undefined

  const choose = (label: string, id: string, onchange: () => void) => {
    const select = h('select', { id, onchange })
    return { select, field: h('label', { class: 'field', for: id }, h('span', {}, label), select) }
  }
  const example = choose('Start from', 'ask-example', () => {
    preset = requests[example.select.value] as Ask
    fill()
    changed()
  })
  const principal = choose('Who', 'ask-principal', changed)
  const action = choose('May do what', 'ask-action', changed)
  const resource = choose('On which target', 'ask-resource', changed)
  const supports = Object.fromEntries(
    SUPPORTS.map((kind) => [kind, choose(`Because of ${kind}`, `ask-${kind}`, changed)]),
  ) as Record<(typeof SUPPORTS)[number], ReturnType<typeof choose>>
  const ttl = h('input', { id: 'ask-ttl', value: '1h', spellcheck: 'false', onchange: changed })
  const emergency = h('input', { id: 'ask-emergency', type: 'checkbox', onchange: changed })
  const options = (
    select: HTMLSelectElement,
    values: string[],
    chosen: string | undefined,
    none?: string,
  ) => {
    const listed = none === undefined ? values : ['', ...values]
    if (chosen && !listed.includes(chosen)) listed.push(chosen)
    select.replaceChildren(...listed.map((value) => h('option', { value }, value ? name(value) : none!)))
    select.value = chosen ?? ''
  }
  const fill = () => {
    if (!offered) return
    const known = names(offered.world)
    const actions = offered.bundle.outline().actions.filter(({ privileged }) => privileged)
    const [pair] = preset.scope
    options(principal.select, known.principals, preset.principal)
    options(action.select, actions.map(({ action }) => action).sort(), pair?.action)
    options(resource.select, known.resources, pair?.resource)
    for (const kind of SUPPORTS) {
      const named = preset.supports?.find((support) => support[kind] !== undefined)
      options(supports[kind].select, known.supports[kind], named?.[kind], 'none')
    }
    ttl.value = String(preset.ttl ?? '')
    emergency.checked = preset.emergency ?? false
  }
  const asked = (): RequestDocument => {
    const { ttl: _, supports: __, scope, ...rest } = preset
    const named = SUPPORTS.filter((kind) => supports[kind].select.value).map((kind) => ({
      [kind]: supports[kind].select.value,
    }))
    return {
      ...rest,
      principal: principal.select.value,
      scope: [{ action: action.select.value, resource: resource.select.value }, ...scope.slice(1)],
      supports: named,
      emergency: emergency.checked,
      ...(ttl.value.trim() && { ttl: ttl.value.trim() }),
    } as RequestDocument
  }

  example.select.replaceChildren(
    ...Object.keys(requests).map((file) =>
      h('option', { value: file }, file.replace('.json', '').replaceAll('-', ' ')),
    ),
  )
  example.select.value = 'oncall-restart.json'
  const element = h(
    'form',
    { class: 'sentence', onsubmit: (event: Event) => event.preventDefault() },
    example.field,
    principal.field,
    action.field,
    resource.field,
    ...SUPPORTS.map((kind) => supports[kind].field),
    h('label', { class: 'field', for: 'ask-ttl' }, h('span', {}, 'For how long'), ttl),
    h('label', { class: 'check', for: 'ask-emergency' }, emergency, ' it is an emergency'),
  )
  return {
    element,
    asked,
    offer(world, bundle) {
      if (offered) preset = { ...preset, ...asked() } as Ask
      offered = { world, bundle }
      fill()
    },
    support: (kind) => supports[kind].select.value,
    pair: () => ({ action: action.select.value, resource: resource.select.value }),
  }
}
