// What is answered, and what becomes of a grant, at every instant of a stretch of time: exact to the
// millisecond, from the instants that the answers name themselves.

import {
  GlasskeyError,
  Lifecycle,
  decideWithReasons,
  type Applied,
  type Bundle,
  type Command,
  type Decision,
  type RequestDocument,
} from 'glasskey-wasm'
import type { Snapshot } from './world'
import { iso, words } from './words'

/** A stretch in which something stays as it is, `to` not included. */
export interface Stretch {
  from: number
  to: number
  /** The class that it is drawn with. */
  kind: string
  label: string
}

/** What would be answered to a request, asked at each instant. */
export function answers(
  bundle: Bundle,
  known: Snapshot[],
  ask: (at: number) => RequestDocument,
  until: number,
): Stretch[] {
  const all: Stretch[] = []
  known.forEach(({ from, facts }, index) => {
    const end = known[index + 1]?.from ?? until
    for (let at = from; at < end;) {
      const decision = decideWithReasons(bundle, facts, ask(at), iso(at))
      const holds = decision.valid_until ? Date.parse(decision.valid_until) : end
      const to = Math.min(Math.max(holds, at + 1), end)
      append(all, { from: at, to, kind: decision.decision, label: why(decision) })
      at = to
    }
  })
  return all
}

function why({ decision, rule, reasons, missing }: Decision): string {
  if (decision === 'permit') return rule ?? 'permitted'
  if (decision === 'pending')
    return `${rule}: ${missing.flatMap((m) => (m.type === 'seat' ? m.seat : [])).join(', ')}`
  return [...new Set(reasons.map(({ code }) => words(code)))].join(', ')
}

function append(all: Stretch[], next: Stretch) {
  const last = all.at(-1)
  if (last && last.to === next.from && last.kind === next.kind && last.label === next.label) last.to = next.to
  else if (next.to > next.from) all.push(next)
}

/** How long an enforcement point takes to confirm, on this page. */
const CONFIRMS = 20_000

/** What becomes of the request, asked and activated at an instant, when the host does its part. */
export function life(
  bundle: Bundle,
  known: Snapshot[],
  request: RequestDocument,
  approvers: { by: string; seat: string }[],
  start: number,
  until: number,
): { stretches: Stretch[]; grant?: ReturnType<Lifecycle['grant']>; last?: Applied } {
  using life = new Lifecycle(bundle, known[0]!.facts)
  const due: { at: number; command: Omit<Command, 'command_id'> | Record<string, unknown> }[] = known
    .slice(1)
    .map(({ from, change }) => ({ at: from, command: { observe: change } }))
  const stretches: Stretch[] = []
  let number = 0
  let request_ = ''
  let grant: string | undefined
  let last: Applied | undefined
  let mark: { from: number; kind: string; label: string } | undefined

  const state = (at: number) => {
    const held = grant ? life.grant(grant) : undefined
    const asked = life.request(request_)
    const kind = held?.phase ?? (asked?.phase === 'consumed' ? 'issuing' : (asked?.phase ?? 'refused'))
    const label = held?.cause ? `${words(kind)}: ${words(held.cause)}` : words(kind)
    if (mark?.kind === kind && mark.label === label) return
    if (mark) append(stretches, { ...mark, to: at })
    mark = { from: at, kind, label }
  }
  const apply = (command: Record<string, unknown>, at: number) => {
    const applied = life.apply({ command_id: `page-${number++}`, ...command } as Command, iso(at))
    if (applied.grant) grant ??= applied.grant
    for (const effect of applied.effects) {
      if (effect.type === 'revoke')
        due.push({ at: at + CONFIRMS, command: { revoked: { grant: effect.grant, point: effect.point } } })
    }
    last = applied
    return applied
  }

  const news = (to: number) => {
    for (;;) {
      due.sort((a, b) => a.at - b.at)
      const next = life.nextChange(iso(clock))
      const turn = next ? Date.parse(next) : Infinity
      const first = due[0]?.at ?? Infinity
      const at = Math.min(turn, first)
      if (at > to) return
      clock = Math.max(at, clock)
      if (first <= turn) apply(due.shift()!.command as Record<string, unknown>, clock)
      else apply({ tick: {} }, clock)
      if (request_) state(clock)
    }
  }
  let clock = known[0]!.from
  news(start)
  clock = start
  try {
    request_ = apply({ submit: { request } }, start).request ?? ''
    for (const { by, seat } of approvers) apply({ approve: { request: request_, by, seat } }, start)
    if (life.request(request_)?.phase === 'approved') {
      apply({ activate: { request: request_ } }, start)
      if (grant) apply({ issued: { grant, points: ['vault', 'proxy'] } }, start)
    }
  } catch (refused) {
    if (!(refused instanceof GlasskeyError)) throw refused
    return { stretches: [{ from: start, to: until, kind: 'refused', label: refused.message }] }
  }
  state(start)
  news(until)
  if (mark) append(stretches, { ...(mark as { from: number; kind: string; label: string }), to: until })
  return { stretches, ...(grant && { grant: life.grant(grant) }), ...(last && { last }) }
}

/** Every instant at which a lane turns. */
export function turns(lanes: Stretch[][]): number[] {
  const all = new Set(lanes.flatMap((lane) => lane.slice(1).map(({ from }) => from)))
  return [...all].sort((a, b) => a - b)
}
