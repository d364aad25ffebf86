// A grant out of the account of a ledger, as stretches of time.

import type { GrantLine } from 'glasskey-wasm'
import type { Stretch } from './lanes'
import { words } from './words'

/** What a grant becomes when something happens to it. */
const BECOMES: Record<string, string> = {
  issued: 'active',
  frozen: 'frozen',
  thawed: 'active',
  ended: 'revoking',
}

/** From its beginning until its end was confirmed, or until an instant. */
export function stretches({ started, marks, cause, confirmed_at }: GrantLine, until: number): Stretch[] {
  const turns = marks
    .filter(({ type }) => BECOMES[type])
    .map(({ at, type }) => ({ at, kind: BECOMES[type]! }))
  const all = [{ at: started, kind: 'issuing' }, ...turns]
  const over = confirmed_at ? Date.parse(confirmed_at) : until
  const drawn = all.map(({ at, kind }, index) => ({
    from: Date.parse(at),
    to: all[index + 1] ? Date.parse(all[index + 1]!.at) : over,
    kind,
    label: kind === 'revoking' && cause ? `${words(kind)}: ${words(cause)}` : words(kind),
  }))
  // Issued at once, it was never anything else.
  return drawn.filter(({ from, to }) => to > from)
}
