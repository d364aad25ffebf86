// Lanes over one stretch of time, as a drawing, with a table of the same for those who read.

import { h, s } from './dom'
import type { Stretch } from './lanes'
import { clock } from './words'

export interface Lane {
  title: string
  stretches: Stretch[]
}

const HEIGHT = 30
const TOP = 20
const WIDTH = 1000

/** The drawing; `now` moves its line without drawing anew. */
export function chart(
  lanes: Lane[],
  from: number,
  to: number,
): { drawing: HTMLElement; now(at: number): void } {
  const x = (at: number) => ((Math.min(Math.max(at, from), to) - from) / (to - from)) * WIDTH
  const height = TOP + lanes.length * HEIGHT
  const said = lanes.map(({ title, stretches }) => {
    const parts = stretches.map((part) => `${part.label} from ${clock(part.from)} to ${clock(part.to)}`)
    return `${title}: ${parts.join('; ') || 'nothing'}`
  })
  const line = s('line', { class: 'now', y1: TOP - 6, y2: height })
  const svg = s(
    'svg',
    {
      class: 'chart',
      viewBox: `0 0 ${WIDTH} ${height}`,
      preserveAspectRatio: 'none',
      role: 'img',
      'aria-label': said.join('. '),
    },
    ticks(from, to).map((at) => s('line', { class: 'tick', x1: x(at), x2: x(at), y1: TOP, y2: height })),
    lanes.flatMap(({ stretches }, row) =>
      stretches
        .filter((part) => part.to > from && part.from < to)
        .map((part) =>
          s(
            'rect',
            {
              class: `bar k-${part.kind}`,
              x: x(part.from),
              y: TOP + row * HEIGHT + 5,
              width: Math.max(x(part.to) - x(part.from), 1.5),
              height: HEIGHT - 10,
            },
            s('title', {}, `${part.label}, ${clock(part.from)} to ${clock(part.to)}`),
          ),
        ),
    ),
    line,
  )
  svg.style.setProperty('--rows', String(lanes.length))
  const now = (at: number) => {
    line.setAttribute('x1', String(x(at)))
    line.setAttribute('x2', String(x(at)))
  }
  const percent = (at: number) => `${x(at) / (WIDTH / 100)}%`
  const labels = lanes.flatMap(({ stretches }, row) =>
    stretches
      .filter((part) => x(part.to) - x(part.from) > WIDTH / 12)
      .map((part) => {
        const label = h('span', { class: `label k-${part.kind}` }, part.label)
        label.style.left = percent(part.from)
        label.style.width = `${(x(part.to) - x(part.from)) / (WIDTH / 100)}%`
        label.style.top = `${TOP + row * HEIGHT}px`
        return label
      }),
  )
  const above = ticks(from, to).map((at) => {
    const label = h('span', {}, clock(at).slice(0, to - from < 600_000 ? 8 : 5))
    label.style.left = percent(at)
    if (x(at) < WIDTH / 40) label.className = 'first'
    if (x(at) > WIDTH - WIDTH / 25) label.className = 'last'
    return label
  })
  const drawing = h(
    'div',
    { class: 'drawing' },
    svg,
    h('div', { class: 'labels', 'aria-hidden': 'true' }, labels),
    h('div', { class: 'ticks', 'aria-hidden': 'true' }, above),
  )
  return { drawing, now }
}

/** Round instants, not too many. */
export function ticks(from: number, to: number): number[] {
  const steps = [1, 5, 15, 60, 300, 900, 1800, 3600, 3 * 3600, 6 * 3600, 86_400, 7 * 86_400].map(
    (n) => n * 1000,
  )
  const step = steps.find((n) => (to - from) / n <= 7) ?? 30 * 86_400_000
  const first = Math.ceil(from / step) * step
  return Array.from({ length: Math.floor((to - first) / step) + 1 }, (_, n) => first + n * step)
}

/** What the lanes are called, beside the drawing. */
export function titles(lanes: Lane[]): HTMLElement {
  return h(
    'div',
    { class: 'titles', 'aria-hidden': 'true' },
    lanes.map(({ title }) => h('span', {}, title)),
  )
}
