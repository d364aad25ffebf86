// The life of a request and of a grant, as drawings in which the present state is lit.

import { s } from './dom'

interface Diagram {
  title: string
  width: number
  height: number
  states: Record<string, [x: number, y: number]>
  moves: [from: string, to: string][]
}

const REQUEST: Diagram = {
  title: 'Request',
  width: 500,
  height: 190,
  states: {
    pending: [60, 40],
    approved: [250, 40],
    consumed: [440, 40],
    scheduled: [250, 95],
    refused: [60, 95],
    denied: [55, 160],
    withdrawn: [153, 160],
    timed_out: [251, 160],
    lapsed: [349, 160],
    void: [445, 160],
  },
  moves: [
    ['pending', 'approved'],
    ['pending', 'scheduled'],
    ['approved', 'consumed'],
    ['scheduled', 'consumed'],
  ],
}

const GRANT: Diagram = {
  title: 'Grant',
  width: 500,
  height: 120,
  states: {
    issuing: [55, 40],
    active: [185, 40],
    frozen: [185, 95],
    revoking: [315, 40],
    closed: [445, 40],
  },
  moves: [
    ['issuing', 'active'],
    ['active', 'frozen'],
    ['active', 'revoking'],
    ['frozen', 'revoking'],
    ['revoking', 'closed'],
  ],
}

const HALF = [44, 15] as const

function draw({ title, width, height, states, moves }: Diagram, now: Set<string>, been: Set<string>) {
  const lit = [...now].map((state) => state.replaceAll('_', ' ')).join(', ')
  return s(
    'svg',
    {
      viewBox: `0 0 ${width} ${height}`,
      class: 'diagram',
      role: 'img',
      'aria-label': `${title}: ${lit || 'none yet'}`,
    },
    s('text', { x: 8, y: 14, class: 'title' }, title),
    moves.map(([from, to]) => {
      const [[x1, y1], [x2, y2]] = [states[from]!, states[to]!]
      const went = been.has(from) && (been.has(to) || now.has(to))
      const level = y1 === y2
      const below = x1 === x2
      return s('line', {
        class: went ? 'move been' : 'move',
        x1: below ? x1 : x1 + HALF[0],
        y1: below ? y1 + HALF[1] : y1,
        x2: below ? x2 : x2 - HALF[0] - (level ? 2 : 0),
        y2: below ? y2 - HALF[1] : y2,
      })
    }),
    Object.entries(states).map(([state, [x, y]]) =>
      s(
        'g',
        { class: `state ${now.has(state) ? 'lit' : been.has(state) ? 'been' : ''} k-${state}` },
        s('rect', { x: x - HALF[0], y: y - HALF[1], width: HALF[0] * 2, height: HALF[1] * 2, rx: HALF[1] }),
        s('text', { x, y: y + 4.5, 'text-anchor': 'middle' }, state.replaceAll('_', ' ')),
      ),
    ),
  )
}

/** Both drawings; a state that any of several requests or grants is in is lit. */
export function diagrams(
  now: { requests: string[]; grants: string[] },
  been: { requests: Set<string>; grants: Set<string> },
): SVGSVGElement[] {
  return [draw(REQUEST, new Set(now.requests), been.requests), draw(GRANT, new Set(now.grants), been.grants)]
}
