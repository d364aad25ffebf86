// The first view: who asks for what, the answer, why, what would change it; and all of it along a
// line of time.

import { Bundle, GlasskeyError, explain, type Explanation, type RequestDocument } from 'glasskey-wasm'
import { files as starter, world as starterWorld } from 'virtual:pack'
import { answered, behind, type About, type Approver } from './answered'
import { askForm } from './ask'
import { chart, titles, type Lane } from './chart'
import { h, quiet } from './dom'
import { editor } from './editor'
import { answers, life, turns } from './lanes'
import { free, happening, known, read, type Snapshot } from './world'
import { clock, iso } from './words'

/** How much time the line shows, and how long after the snapshot the request is made. */
const SHOWN = 3 * 3_600_000
const ASKED = 5_000
const WORLD = 'facts.json'

export function decideView(root: HTMLElement) {
  const files: Record<string, string> = { ...starter, [WORLD]: starterWorld }
  let bundle: Bundle | undefined
  let world = read(starterWorld)
  let approvers: Approver[] = []
  let snapshots: Snapshot[] = []
  let lanes: Lane[] = []
  let now = world.begins + ASKED
  let marks: number[] = []
  let drawn: ReturnType<typeof chart> | undefined

  const ask = askForm(() => approved([]))
  const approved = (by: Approver[]) => {
    approvers = by
    again()
  }

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
    const incident = ask.support('incident')
    if (!closes.checked || !incident || !closing.value) return undefined
    const at = Date.parse(`${iso(world.begins).slice(0, 10)}T${closing.value.padEnd(8, ':00')}Z`)
    return { incident, at }
  }

  const facts = (at: number) => snapshots.findLast(({ from }) => from <= at)?.facts ?? snapshots[0]!.facts

  /** The request as it stands at an instant, with the approvals that were given. */
  const withApprovals = (at: number): RequestDocument => {
    const request = ask.asked()
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
      const told = answers(bundle, snapshots, withApprovals, end())
      const lived = life(bundle, snapshots, ask.asked(), approvers, start(), end())
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
    const lane = (title: string, kind: 'incidents' | 'shifts', id: string): Lane[] =>
      id ? [{ title: `${title} ${id}`, stretches: happening(world, kind, id, news?.at, end()) }] : []
    return [
      ...lane('Incident', 'incidents', ask.support('incident')),
      ...lane('Shift', 'shifts', ask.support('shift')),
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

  const show = (explained: Explanation) => {
    const about: About = {
      request: ask.asked(),
      pair: ask.pair(),
      now,
      approvers,
      approve: (one) => approved([...approvers, one]),
      takeBack: ({ by, seat }) => approved(approvers.filter((one) => one.by !== by || one.seat !== seat)),
      open: (file, line) => code.open(file, line),
    }
    answer.className = `answer k-${explained.decision.decision}`
    answer.replaceChildren(...answered(explained, about))
    because.replaceChildren(...behind(explained, about))
  }

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
      ask.offer(world, next)
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

  root.replaceChildren(
    h(
      'div',
      { class: 'columns' },
      h(
        'div',
        { class: 'ask' },
        h('h2', { class: 'unseen' }, 'The ask'),
        ask.element,
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
