// What a program in TypeScript may write, and what the compiler must refuse it.

import { ApprovalsMissing, Bundle, Desk, Facts, GlasskeyError, Lifecycle, Request } from 'glasskey'
import { answer, decide, decideMany, explain, load, records, verify, whoCan } from 'glasskey'
import type { Act, Applied, Decision, Effect, ErrorCode, Item, RequestDocument } from 'glasskey'

const ask: RequestDocument = {
  principal: 'Glasskey::Person::"asha"',
  scope: [{ action: 'Ops::Action::"restart"', resource: 'Glasskey::System::"pay-db"' }],
  ttl: '1h',
  supports: [{ incident: 'INC-100' }, { shift: 'S-7' }],
}

export async function decisions(): Promise<string[]> {
  const bundle: Bundle = load('policies/starter')
  const facts = new Facts(bundle, { observed_at: new Date() }).observe({ locks: [] }, new Date())
  const decision: Decision = decide(bundle, facts, new Request(ask))
  const found: string[] = whoCan(bundle, facts, ask).map((one) => one.principal)
  const items: Item[] = await decideMany(bundle, facts, [ask, '{}', new Uint8Array()], undefined, {
    signal: AbortSignal.timeout(1000),
  })
  for (const item of items) {
    if (item.error) found.push(item.error.code, item.error.help ?? '')
    else found.push(item.ok.decision)
  }
  explain(bundle, facts, ask, '2026-03-01T02:05:05Z')
  if (decision.ends_at) new Date(decision.ends_at).getTime()
  return [...found, answer(bundle, facts, ask).decision]
}

export async function desk(lifecycle: Lifecycle): Promise<number> {
  const written: Applied[] = []
  const carryOut = (effect: Effect): Act | undefined => {
    switch (effect.type) {
      case 'issue':
        return { issued: { grant: effect.grant, points: ['vault'], credential_ref: 'vault:lease/1' } }
      case 'revoke':
        return { revoked: { grant: effect.grant, point: effect.point } }
      default:
        return undefined
    }
  }
  const desk = new Desk(lifecycle, { write: (applied) => written.push(applied), carryOut })
  {
    await using access = await desk.elevate(ask)
    await access.use('Ops::Action::"restart"', 'Glasskey::System::"pay-db"')
  }
  try {
    return await desk.elevate(ask, { wait: () => undefined }, (access) => access.endsAt.getTime())
  } catch (error) {
    if (error instanceof ApprovalsMissing) return error.seats.flatMap((seat) => seat.candidates).length
    if (error instanceof GlasskeyError) report(error.code)
    throw error
  }
}

function report(code: ErrorCode): void {
  console.error(code)
}

export function refused(bundle: Bundle, facts: Facts): void {
  // @ts-expect-error a bundle is compiled, not made
  new Bundle()
  // @ts-expect-error a scope is not left out
  decide(bundle, facts, { principal: ask.principal })
  // @ts-expect-error members have their names
  decide(bundle, facts, { ...ask, purpos: 'a typo' })
  // @ts-expect-error an instant is no number
  decide(bundle, facts, ask, Date.now())
  // @ts-expect-error codes are a closed set
  report('no_such_code')
  verify('').fault?.error.code
  records('').length
}
