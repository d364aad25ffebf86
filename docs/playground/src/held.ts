// Who held what, from when until when, out of the records of a ledger.

import type { Pair, Recorded } from 'glasskey-wasm'
import type { Stretch } from './lanes'
import { words } from './words'

/** A grant. */
export interface Line {
  who: string
  what: Pair[]
  rule: string
  started: number
  /** When it was over, and why. */
  over?: number
  cause?: string
  /** When every enforcement point had confirmed it. */
  confirmed?: number
  uses: number
  stretches: Stretch[]
}

/** Every grant, in the order in which they began. */
export function held(all: Recorded[]): Line[] {
  const lines = new Map<string, Line>()
  const last = Math.max(...all.map(({ applied }) => Date.parse(applied.at)))
  const turn = (line: Line, at: number, kind: string) => {
    const before = line.stretches.at(-1)
    if (before) before.to = at
    const label = line.cause ? `${words(kind)}: ${words(line.cause)}` : words(kind)
    if (kind !== 'closed') line.stretches.push({ from: at, to: Math.max(last, at), kind, label })
  }
  for (const { applied } of all) {
    for (const event of applied.events) {
      if (event.type === 'activated') {
        const { id, principal, scope, rule, started } = event.grant
        const line: Line = {
          who: principal,
          what: scope,
          rule,
          started: Date.parse(started),
          uses: 0,
          stretches: [],
        }
        lines.set(id, line)
        turn(line, line.started, 'issuing')
        continue
      }
      const line = 'grant' in event && typeof event.grant === 'string' ? lines.get(event.grant) : undefined
      if (!line) continue
      if (event.type === 'ended') Object.assign(line, { over: Date.parse(event.at), cause: event.cause })
      if (event.type === 'issued' && line.stretches.at(-1)?.kind === 'issuing')
        turn(line, Date.parse(applied.at), 'active')
      if (event.type === 'used' && event.permitted) line.uses++
      if (event.type === 'grant_moved') {
        const at = Date.parse(event.at)
        turn(line, at, event.to)
        if (event.to === 'closed') line.confirmed = at
      }
    }
  }
  return [...lines.values()].sort((a, b) => a.started - b.started)
}
