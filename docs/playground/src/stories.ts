// The second view: a scenario file as a story, step by step.

import { Bundle } from 'glasskey-wasm'
import { files, scenarios, world } from 'virtual:pack'
import { chart, titles, type Lane } from './chart'
import { diagrams } from './diagram'
import { h } from './dom'
import { run, type Scenario, type Story, type Told } from './story'
import { clock, name, span, verdict, words } from './words'

const FIRST = 'e03-incident-closes-first.json'

export function storiesView(root: HTMLElement, read: (ledger: string, title: string) => void) {
  let bundle: Bundle | undefined
  let file = FIRST
  let scenario: Scenario = scenarios[FIRST]!
  let story: Story = { told: [], ledger: '' }
  let at = 0

  const pick = h(
    'select',
    { id: 'story', onchange: () => tell(pick.value, scenarios[pick.value]!) },
    Object.entries(scenarios).map(([file, { name }]) => h('option', { value: file }, name)),
  )
  pick.value = FIRST
  const own = h('input', {
    type: 'file',
    accept: '.json',
    id: 'own-story',
    class: 'unseen',
    onchange: async () => {
      const [found] = own.files ?? []
      if (!found) return
      try {
        tell(found.name, JSON.parse(await found.text()) as Scenario)
      } catch (error) {
        fault.textContent = `${found.name} cannot be told: ${(error as Error).message}`
      }
    },
  })
  const fault = h('p', { class: 'fault', role: 'alert' })
  const steps = h('ol', { class: 'steps', 'aria-label': 'Steps' })
  const back = h('button', { type: 'button', onclick: () => go(at - 1) }, '‹ Back')
  const next = h('button', { type: 'button', class: 'main', onclick: () => go(at + 1) }, 'Next step ›')
  const count = h('span', { class: 'count', 'aria-live': 'polite' })
  const picture = h('div', { class: 'pictures' })
  const detail = h('div', { class: 'detail' })
  const lanes = h('div', { class: 'lanes' })

  const tell = (called: string, told: Scenario) => {
    fault.textContent = ''
    try {
      bundle ??= Bundle.compile(files)
      story = run(bundle, world, told)
    } catch (error) {
      fault.textContent = `${called} cannot be told: ${(error as Error).message}`
      return
    }
    file = called
    scenario = told
    steps.replaceChildren(
      ...story.told.map((step, index) =>
        h(
          'li',
          {},
          h(
            'button',
            { type: 'button', onclick: () => go(index) },
            h('time', {}, clock(step.at)),
            h('b', {}, words(step.kind)),
            h('span', { class: 'who' }, gist(step)),
            badge(step),
            step.step.note && h('span', { class: 'note' }, step.step.note),
          ),
        ),
      ),
    )
    go(0)
  }

  const go = (to: number) => {
    at = Math.min(Math.max(to, 0), story.told.length - 1)
    const step = story.told[at]
    if (!step) return
    for (const [index, { firstElementChild }] of [...steps.children].entries()) {
      firstElementChild!.className = index === at ? 'here' : index < at ? 'past' : ''
      if (index === at) firstElementChild!.setAttribute('aria-current', 'step')
      else firstElementChild!.removeAttribute('aria-current')
    }
    const here = steps.children[at] as HTMLElement
    steps.scrollTo({ top: here.offsetTop - steps.clientHeight / 3 })
    count.textContent = `step ${at + 1} of ${story.told.length}, ${clock(step.at)}`
    back.disabled = at === 0
    next.disabled = at === story.told.length - 1
    const been = { requests: new Set<string>(), grants: new Set<string>() }
    for (const { requests, grants } of story.told.slice(0, at)) {
      Object.values(requests).forEach((phase) => been.requests.add(phase))
      Object.values(grants).forEach(({ phase }) => been.grants.add(phase))
    }
    const now = {
      requests: Object.values(step.requests),
      grants: Object.values(step.grants).map(({ phase }) => phase),
    }
    picture.replaceChildren(...diagrams(now, been))
    detail.replaceChildren(...tellStep(step))
    drawLanes(step)
  }

  const drawLanes = (step: Told) => {
    const begin = Date.parse(story.told[0]!.at)
    const ends = story.told.flatMap(({ at, grants }) => [
      at,
      ...Object.values(grants).map(({ ends_at }) => ends_at),
    ])
    const end = Math.max(...ends.map((text) => Date.parse(text)), begin + 60_000)
    const all: Lane[] = Object.keys(story.told.at(-1)!.grants).map((grant) => ({
      title: `Grant ${grant}`,
      stretches: phases(story.told.slice(0, at + 1), grant, end),
    }))
    lanes.hidden = all.length === 0
    if (!all.length) return
    const { drawing, now } = chart(all, begin, end)
    now(Date.parse(step.at))
    lanes.replaceChildren(titles(all), drawing)
  }

  root.replaceChildren(
    h(
      'div',
      {
        class: 'story',
        onkeydown: (event: KeyboardEvent) => {
          if ((event.target as HTMLElement).matches('select, input')) return
          const move = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key]
          if (!move) return
          event.preventDefault()
          go(at + move)
        },
      },
      h(
        'div',
        { class: 'pick' },
        h('label', { class: 'field', for: 'story' }, h('span', {}, 'A scenario of policies/starter'), pick),
        h('label', { class: 'button', for: 'own-story' }, 'Open a file'),
        own,
      ),
      fault,
      h(
        'div',
        { class: 'columns' },
        h(
          'div',
          { class: 'told' },
          h('div', { class: 'turn' }, back, next, count),
          h('h2', { class: 'unseen' }, 'Steps'),
          steps,
        ),
        h(
          'div',
          { class: 'stage' },
          picture,
          lanes,
          detail,
          h(
            'p',
            {},
            h(
              'button',
              { type: 'button', onclick: () => story.ledger && read(story.ledger, scenario.name) },
              'Read the ledger of this story',
            ),
            ' ',
            h(
              'button',
              { type: 'button', class: 'quiet', onclick: () => save(`${file}l`, story.ledger) },
              'Save it',
            ),
          ),
        ),
      ),
    ),
  )
  tell(FIRST, scenario)
  return {
    /** Every scenario of the pack, and where it is not as it expects. */
    all: () =>
      Object.entries(scenarios).flatMap(([file, scenario]) =>
        run(bundle!, world, scenario).told.flatMap(({ differs }, index) =>
          differs ? [`${file}, step ${index + 1}${differs}`] : [],
        ),
      ),
  }
}

function phases(told: Told[], grant: string, end: number): Lane['stretches'] {
  const all: Lane['stretches'] = []
  told.forEach(({ at, grants }, index) => {
    const held = grants[grant]
    if (!held) return
    const from = Date.parse(at)
    const next = told[index + 1]
    const to = next ? Date.parse(next.at) : from
    const label = held.cause ? `${words(held.phase)}: ${words(held.cause)}` : words(held.phase)
    const last = all.at(-1)
    if (last?.kind === held.phase) last.to = to
    else all.push({ from, to, kind: held.phase, label })
    if (!next && ['issuing', 'active', 'frozen'].includes(held.phase)) {
      const until = Math.min(Date.parse(held.ends_at), end)
      if (until > to) all.push({ from: to, to: until, kind: 'ahead', label: `until ${words(held.ends_by)}` })
    }
  })
  return all
}

function gist({ step, kind }: Told): string {
  const body = Object.values(step.do)[0]!
  const request = (body.request ?? body) as Record<string, unknown>
  const who = (body.by ?? body.approver ?? (request as { principal?: unknown }).principal) as
    string | undefined
  const scope = (request.scope as { action: string; resource: string }[] | undefined)?.[0]
  const what = scope ?? (body.action ? (body as { action: string; resource: string }) : undefined)
  const about = what
    ? `${name(what.action)} on ${name(what.resource)}`
    : (body.point ?? body.points ?? body.seat)
  const seen =
    kind === 'observe' &&
    Object.entries(body).flatMap(([kind, all]) => (Array.isArray(all) ? [`${all.length} ${kind}`] : []))
  return [who && name(who), about, seen && seen.join(', ')].filter(Boolean).flat().join(', ')
}

function badge({ decision, result, differs }: Told) {
  if (differs) return h('span', { class: 'badge k-deny' }, 'not as expected')
  if (decision) return h('span', { class: `badge k-${decision.decision}` }, verdict[decision.decision])
  if (result.error) return h('span', { class: 'badge k-error' }, 'refused as malformed')
  const ended = (result.ended as { cause: string }[] | undefined)?.[0]
  return ended ? h('span', { class: 'badge k-ended' }, words(ended.cause)) : ''
}

function tellStep({ decision, result, grants, at, differs }: Told) {
  const effects = ((result.effects ?? []) as { type: string; point?: string }[]).map(({ type, point }) =>
    point ? `${words(type)} ${point}` : words(type),
  )
  const reasons = decision?.reasons.map(({ code, policy }) =>
    policy ? `${words(code)} (${policy})` : words(code),
  )
  const rows: [string, string | undefined][] = [
    ['Why', reasons?.join(', ')],
    ['To carry out', [...new Set(effects)].join(', ')],
    ...Object.entries(grants).map(([grant, { phase, ends_at, ends_by, cause }]): [string, string] => [
      grant,
      cause
        ? `${words(phase)}, ${words(cause)}`
        : `${words(phase)}, ends ${clock(ends_at)} (${words(ends_by)}), in ${span(Date.parse(ends_at) - Date.parse(at))}`,
    ]),
    ['Not as expected', differs],
  ]
  return [
    h(
      'dl',
      {},
      rows
        .filter(([, said]) => said)
        .map(([term, said]) => h('div', {}, h('dt', {}, term), h('dd', {}, said))),
    ),
    h(
      'details',
      {},
      h('summary', {}, 'All of the answer'),
      h('pre', { tabindex: '0' }, JSON.stringify(result, undefined, 1)),
    ),
  ]
}

function save(file: string, text: string) {
  const url = URL.createObjectURL(new Blob([text]))
  h('a', { href: url, download: file }).click()
  setTimeout(() => URL.revokeObjectURL(url), 1000)
}
