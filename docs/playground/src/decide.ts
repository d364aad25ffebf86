// The first view: who asks for what, the answer, why, what would change it; and all of it along a
// line of time.

import {
  Bundle,
  GlasskeyError,
  explain,
  type Decision,
  type Explanation,
  type Missing,
  type RequestDocument,
} from 'glasskey-wasm'
import { files as starter, requests, world as starterWorld } from 'virtual:pack'
import { chart, titles, type Lane } from './chart'
import { h, quiet } from './dom'
import { editor } from './editor'
import { answers, life, turns, type Stretch } from './lanes'
import { free, known, names, read, type Snapshot } from './world'
import { clock, iso, name, span, verdict, words } from './words'

const SUPPORTS = ['incident', 'shift', 'window', 'task'] as const
/** How much time the line shows, and how long after the snapshot the request is made. */
const SHOWN = 3 * 3_600_000
const ASKED = 5_000
const WORLD = 'facts.json'

type Ask = RequestDocument & { scope: { action: string; resource: string }[] }

export function decideView(root: HTMLElement) {
  const files: Record<string, string> = { ...starter, [WORLD]: starterWorld }
  let bundle: Bundle | undefined
  let world = read(starterWorld)
  let preset: Ask = requests['oncall-restart.json'] as Ask
  let approvers: { by: string; seat: string }[] = []
  let snapshots: Snapshot[] = []
  let lanes: Lane[] = []
  let now = world.begins + ASKED
  let marks: number[] = []
  let drawn: ReturnType<typeof chart> | undefined

  // The ask.
  const choose = (label: string, id: string, onchange: () => void) => {
    const select = h('select', { id, onchange })
    return { select, field: h('label', { class: 'field', for: id }, h('span', {}, label), select) }
  }
  const changed = () => {
    approvers = []
    again()
  }
  const example = choose('Start from', 'ask-example', () => {
    preset = requests[example.select.value] as Ask
    approvers = []
    fill()
    again()
  })
  const principal = choose('Who', 'ask-principal', changed)
  const action = choose('May do what', 'ask-action', changed)
  const resource = choose('On which target', 'ask-resource', changed)
  const supports = Object.fromEntries(
    SUPPORTS.map((kind) => [kind, choose(`Because of ${kind}`, `ask-${kind}`, changed)]),
  ) as Record<(typeof SUPPORTS)[number], ReturnType<typeof choose>>
  const ttl = h('input', { id: 'ask-ttl', value: '1h', spellcheck: 'false', onchange: changed })
  const emergency = h('input', { id: 'ask-emergency', type: 'checkbox', onchange: changed })
  const closes = h('input', { id: 'world-closes', type: 'checkbox', checked: true, onchange: () => again() })
  const closing = h('input', {
    id: 'world-closing',
    type: 'time',
    step: '1',
    value: '02:40:00',
    'aria-label': 'When the incident closes',
    onchange: () => again(),
  })
  const fresh = h('input', { id: 'world-fresh', type: 'checkbox', checked: true, onchange: () => again() })

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
    const known = names(world)
    const actions = bundle?.outline().actions.filter(({ privileged }) => privileged) ?? []
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

  // The answer.
  const answer = h('div', { class: 'answer', 'aria-live': 'polite' })
  const because = h('div', { class: 'because' })
  const slider = h('input', {
    type: 'range',
    id: 'now',
    step: '1000',
    'aria-label': 'Now',
    oninput: () => move(Number(slider.value)),
    onkeydown: (event: KeyboardEvent) => {
      const steps: Record<string, number> = {
        ArrowLeft: -5000,
        ArrowRight: 5000,
        PageDown: -600_000,
        PageUp: 600_000,
      }
      const step = steps[event.key]
      if (!step) return
      event.preventDefault()
      move(now + step * (event.shiftKey ? 12 : 1))
    },
  })
  const time = h('output', { class: 'time', for: 'now' })
  const picture = h('div', { class: 'lanes' })
  const jump = (label: string, find: () => number | undefined) =>
    h('button', { type: 'button', class: 'quiet', onclick: () => move(find() ?? now) }, label)
  let playing: ReturnType<typeof setInterval> | undefined
  const play = h(
    'button',
    {
      type: 'button',
      class: 'quiet',
      'aria-pressed': 'false',
      onclick: () => {
        if (playing) return stop()
        if (now >= end()) move(begin())
        play.setAttribute('aria-pressed', 'true')
        playing = setInterval(() => (now < end() ? move(now + 20_000) : stop()), 60)
      },
    },
    'Play',
  )
  const stop = () => {
    clearInterval(playing)
    playing = undefined
    play.setAttribute('aria-pressed', 'false')
  }

  const begin = () => world.begins
  const end = () => world.begins + SHOWN
  const start = () => world.begins + ASKED

  const closesAt = () => {
    const incident = supports.incident.select.value
    if (!closes.checked || !incident || !closing.value) return undefined
    const at = Date.parse(`${iso(world.begins).slice(0, 10)}T${closing.value.padEnd(8, ':00')}Z`)
    return { incident, at }
  }

  const facts = (at: number) => snapshots.findLast(({ from }) => from <= at)?.facts ?? snapshots[0]!.facts

  /** The request as it stands at an instant, with the approvals that were given. */
  const withApprovals = (at: number): RequestDocument => {
    const request = asked()
    if (!approvers.length || at < start()) return request
    const { decision } = explain(bundle!, facts(at), request, iso(at))
    if (!decision.ask) return request
    const approvals = approvers.map(({ by, seat }) => ({ by, seat, at: iso(start()), ask: decision.ask! }))
    return { ...request, approvals }
  }

  /** Everything anew, after the pack, the world or the ask has changed. */
  const again = () => {
    if (!bundle) return
    try {
      free(snapshots)
      snapshots = []
      const news = closesAt()
      snapshots = known(bundle, world, { fresh: fresh.checked, ...(news && { closes: news }) }, end())
      const request = asked()
      const told = answers(bundle, snapshots, withApprovals, end())
      const lived = life(bundle, snapshots, request, approvers, start(), end())
      lanes = [
        { title: 'If asked then', stretches: told },
        { title: `If held from ${clock(start())}`, stretches: lived.stretches },
        ...worldLanes(news),
      ]
      marks = turns(lanes.map(({ stretches }) => stretches))
      draw()
    } catch (error) {
      refused(error)
    }
  }

  const worldLanes = (news: { at: number } | undefined): Lane[] => {
    const lane = (kind: 'incidents' | 'shifts', id: string): Stretch[] => {
      const found = ((world.document[kind] ?? []) as Record<string, unknown>[]).find(
        (known) => known.id === id,
      )
      const time = (member: string) => (found?.[member] ? Date.parse(String(found[member])) : undefined)
      if (!found) return []
      if (kind === 'shifts') {
        const [from, to] = [time('start') ?? begin(), time('end') ?? end()]
        return [{ from, to, kind: 'shift', label: `${id} runs` }]
      }
      const from = time('opened_at') ?? begin()
      if (found.status === 'closed') return [{ from, to: end(), kind: 'closed', label: `${id} is closed` }]
      const to = news ? Math.max(news.at, begin()) : end()
      const open = { from: Math.max(from, begin()), to, kind: 'incident', label: `${id} is open` }
      return news ? [open, { from: to, to: end(), kind: 'closed', label: `${id} is closed` }] : [open]
    }
    const incident = supports.incident.select.value
    const shift = supports.shift.select.value
    return [
      ...(incident ? [{ title: `Incident ${incident}`, stretches: lane('incidents', incident) }] : []),
      ...(shift ? [{ title: `Shift ${shift}`, stretches: lane('shifts', shift) }] : []),
    ]
  }

  const draw = () => {
    drawn = chart(lanes, begin(), end())
    picture.replaceChildren(titles(lanes), drawn.drawing)
    slider.min = String(begin())
    slider.max = String(end())
    move(now)
  }

  /** `now` is another instant. */
  const move = (to: number) => {
    now = Math.min(Math.max(to, begin()), end())
    slider.value = String(now)
    slider.setAttribute('aria-valuetext', clock(now))
    drawn?.now(now)
    time.textContent = clock(now)
    if (!bundle || !snapshots.length) return
    try {
      show(explain(bundle, facts(now), withApprovals(now), iso(now)))
    } catch (error) {
      refused(error)
    }
  }

  const refused = (error: unknown) => {
    if (!(error instanceof GlasskeyError)) throw error
    answer.replaceChildren(
      h('p', { class: 'verdict k-error' }, 'No answer'),
      h('p', {}, h('code', {}, error.code), ` ${error.message}`),
      error.help ? h('p', { class: 'help' }, error.help) : '',
    )
    because.replaceChildren()
  }

  const show = ({ decision, considered, limits }: Explanation) => {
    answer.className = `answer k-${decision.decision}`
    answer.replaceChildren(
      h('p', { class: `verdict k-${decision.decision}` }, verdict[decision.decision]),
      h('div', { class: 'said' }, sentence(decision), why(decision), missing(decision), given()),
    )
    because.replaceChildren(
      limits?.length
        ? h(
            'div',
            {},
            h('h3', {}, 'What limits it'),
            h(
              'ol',
              { class: 'limits' },
              [...limits]
                .sort((a, b) => Date.parse(a.at) - Date.parse(b.at))
                .map((limit, index) =>
                  h(
                    'li',
                    { class: index ? '' : 'binds' },
                    h('span', {}, words(limit.by)),
                    h('time', {}, clock(limit.at)),
                  ),
                ),
            ),
          )
        : '',
      h(
        'div',
        {},
        h('h3', {}, 'Rules considered'),
        h(
          'ul',
          { class: 'rules' },
          considered.map((rule) =>
            h(
              'li',
              { class: `o-${rule.outcome}` },
              h('span', { class: 'rule' }, rule.rule),
              ' ',
              h('span', { class: 'outcome' }, outcome[rule.outcome] ?? words(rule.outcome)),
              rule.because?.length ? ` (${rule.because.map(words).join(', ')})` : '',
              rule.failed &&
                h(
                  'button',
                  {
                    type: 'button',
                    class: 'place',
                    onclick: () => code.open(rule.failed!.file, rule.failed!.line),
                  },
                  `${rule.failed.file}:${rule.failed.line}`,
                ),
            ),
          ),
        ),
      ),
    )
  }

  const sentence = (decision: Decision) => {
    const request = asked()
    const who = `${name(request.principal)}: ${name(action.select.value)} on ${name(resource.select.value)}`
    const must = decision.obligations.map((duty) => Object.values(duty).filter(Boolean).join(' '))
    return h(
      'dl',
      {},
      h('div', {}, h('dt', {}, 'Asked'), h('dd', {}, who)),
      decision.ends_at &&
        h(
          'div',
          {},
          h('dt', {}, 'Ends'),
          h(
            'dd',
            {},
            h('b', {}, clock(decision.ends_at)),
            ` ${words(decision.ends_by ?? '')}, in ${left(decision.ends_at)}`,
          ),
        ),
      decision.valid_until &&
        h(
          'div',
          {},
          h('dt', {}, 'Ask again'),
          h(
            'dd',
            {},
            clock(decision.valid_until),
            ` ${words(decision.valid_by ?? '')}, in ${left(decision.valid_until)}`,
          ),
        ),
      must.length > 0 && h('div', {}, h('dt', {}, 'Must'), h('dd', {}, must.map(words).join(', '))),
    )
  }
  const left = (at: string) => span(Date.parse(at) - now)

  const why = ({ reasons }: Decision) =>
    h(
      'ul',
      { class: 'reasons' },
      reasons.map((reason) =>
        h(
          'li',
          {},
          h('b', {}, words(reason.code)),
          reason.policy ? ` ${reason.policy}` : '',
          reason.fact ? ` ${reason.fact}` : '',
          reason.detail ? ` ${reason.detail}` : '',
          reason.advice && h('span', { class: 'help' }, reason.advice),
        ),
      ),
    )

  const missing = ({ missing }: Decision) =>
    missing.length > 0 &&
    h('div', {}, h('h3', {}, 'What would change it'), h('ul', { class: 'missing' }, missing.map(one)))

  const one = (missing: Missing) => {
    if (missing.type !== 'seat') {
      return h('li', {}, change(missing))
    }
    return h(
      'li',
      {},
      h('b', {}, missing.seat),
      ' approves: ',
      missing.candidates.slice(0, 6).map((by) =>
        h(
          'button',
          {
            type: 'button',
            class: 'chip',
            onclick: () => {
              approvers = [...approvers, { by, seat: missing.seat }]
              again()
            },
          },
          name(by),
        ),
      ),
      missing.candidates.length === 0 && 'nobody here could',
    )
  }

  const given = () =>
    approvers.length > 0 &&
    h(
      'p',
      { class: 'given' },
      'Approved by ',
      approvers.map(({ by, seat }) =>
        h(
          'button',
          {
            type: 'button',
            class: 'chip on',
            'aria-label': `Take back the approval of ${name(by)}`,
            onclick: () => {
              approvers = approvers.filter((approver) => approver.by !== by || approver.seat !== seat)
              again()
            },
          },
          `${name(by)} (${seat}) ×`,
        ),
      ),
    )

  // The pack.
  const compiled = h('p', { class: 'compiled' })
  const compile = () => {
    const { [WORLD]: facts, ...pack } = files
    const began = performance.now()
    try {
      const next = Bundle.compile(pack)
      const took = performance.now() - began
      const parsed = read(facts!)
      bundle?.free()
      bundle = next
      world = parsed
      code.faults([])
      const { rules, guards } = next.outline()
      compiled.textContent = `${rules.length} rules and ${guards.length} guardrails, checked and compiled in ${took.toFixed(0)} ms`
      const before = asked()
      if (action.select.options.length) preset = { ...preset, ...before } as Ask
      fill()
      again()
    } catch (error) {
      if (error instanceof GlasskeyError) code.faults(error.errors)
      else
        code.faults([
          { code: 'bad_json', message: String((error as Error).message), path: WORLD, labels: [] },
        ] as never)
      compiled.textContent = 'The answers below are those of the last pack that compiled.'
    }
  }
  const soon = quiet(250, compile)
  const code = editor(files, (file, text) => {
    files[file] = text
    soon()
  })

  example.select.replaceChildren(
    ...Object.keys(requests).map((file) =>
      h('option', { value: file }, file.replace('.json', '').replaceAll('-', ' ')),
    ),
  )
  example.select.value = 'oncall-restart.json'
  root.replaceChildren(
    h(
      'div',
      { class: 'columns' },
      h(
        'div',
        { class: 'ask' },
        h('h2', { class: 'unseen' }, 'The ask'),
        h(
          'form',
          { class: 'sentence', onsubmit: (event: Event) => event.preventDefault() },
          example.field,
          principal.field,
          action.field,
          resource.field,
          ...SUPPORTS.map((kind) => supports[kind].field),
          h('label', { class: 'field', for: 'ask-ttl' }, h('span', {}, 'For how long'), ttl),
          h('label', { class: 'check', for: 'ask-emergency' }, emergency, ' it is an emergency'),
        ),
        answer,
        h(
          'section',
          { class: 'timeline', 'aria-label': 'Along time' },
          h(
            'div',
            { class: 'clock' },
            h('span', {}, 'now ', time),
            jump('‹ last change', () => marks.findLast((at) => at < now)),
            jump('next change ›', () => marks.find((at) => at > now)),
            play,
          ),
          picture,
          h('div', { class: 'slide' }, slider),
          h(
            'fieldset',
            { class: 'world' },
            h('legend', {}, 'Meanwhile in the world'),
            h('label', { class: 'check', for: 'world-closes' }, closes, ' the incident closes at '),
            closing,
            h(
              'label',
              { class: 'check', for: 'world-fresh' },
              fresh,
              ' news of every fact comes in each minute',
            ),
          ),
        ),
        because,
      ),
      h('div', { class: 'pack' }, h('h2', {}, 'The pack: policies/starter'), compiled, code.element),
    ),
  )
  code.open('oncall.cedar')
  compile()
}

/** What to do about what is missing, where it is not a person. */
function change(missing: Exclude<Missing, { type: 'seat' }>): string {
  switch (missing.type) {
    case 'fact':
      return missing.max_age
        ? `Report ${missing.fact} anew: it may be ${missing.max_age} old.`
        : `Report ${missing.fact} anew.`
    case 'support':
      return `Name a live ${missing.kind} that covers ${name(missing.resource)}.`
    case 'drop':
      return `Leave out ${name(missing.pair.action)} on ${name(missing.pair.resource)}.`
    case 'wait':
      return `Wait until ${clock(missing.until)}.`
  }
}

const outcome: Record<string, string> = {
  open: 'open',
  actor_kind: 'is for another kind of actor',
  scope: 'is for others',
  unknown_fact: 'reads what is not known',
  condition: 'does not hold',
  error: 'errs',
  refused: 'a guardrail refuses',
  other_pairs: 'covers other pairs',
  not_needed: 'holds; a better one is open',
}
