// Runs a scenario file step by step, and keeps what came of each.

import {
  Bundle,
  Facts,
  GlasskeyError,
  Ledger,
  Lifecycle,
  canonical,
  decide,
  type Applied,
  type Command,
  type Decision,
  type FactsDocument,
  type RequestDocument,
} from 'glasskey-wasm'

export interface Step {
  at?: string
  note?: string
  command_id?: string
  as?: string
  do: Record<string, Record<string, unknown>>
  expect?: unknown
  expect_error?: unknown
}

export interface Scenario {
  name: string
  description?: string
  bundle: string
  facts: unknown
  now?: string
  steps: Step[]
}

/** What came of a step. */
export interface Told {
  at: string
  kind: string
  step: Step
  /** What is seen of it: names in place of ids. */
  result: Record<string, unknown>
  decision?: Decision
  /** Where requests and grants stand afterwards, by their names. */
  requests: Record<string, string>
  grants: Record<string, Held>
  /** Where it is not what the scenario expects. */
  differs?: string
}

export interface Held {
  phase: string
  started: string
  ends_at: string
  ends_by: string
  cause?: string | null
}

export interface Story {
  told: Told[]
  /** The lines of the ledger of it. */
  ledger: string
}

const MADE: Record<string, 'request' | 'extension' | 'grant'> = { submit: 'request', extend: 'extension' }

/** Runs a scenario to its end. */
export function run(bundle: Bundle, world: string, scenario: Scenario): Story {
  const facts = typeof scenario.facts === 'string' ? world : (scenario.facts as FactsDocument)
  using first = new Facts(bundle, facts)
  using life = new Lifecycle(bundle, first)
  const ids: Record<string, string> = {}
  const asks: Record<string, string> = {}
  const applied: Applied[] = []
  const told: Told[] = []
  let at = scenario.now ?? String(scenario.steps[0]?.at)

  const apply = (kind: string, body: Record<string, unknown>, name: string | undefined, id: string) => {
    if (kind === 'decide') {
      for (const approval of (body.approvals ?? []) as { ask: string }[])
        approval.ask = asks[approval.ask] ?? approval.ask
      const decision = decide(bundle, life.facts, body as unknown as RequestDocument, at)
      if (name) asks[name] = decision.ask ?? ''
      return { result: decision as unknown as Record<string, unknown>, decision }
    }
    for (const member of ['request', 'grant', 'parent']) {
      if (typeof body[member] === 'string') body[member] = ids[body[member]] ?? body[member]
    }
    const done = life.apply({ command_id: id, [kind]: body } as unknown as Command, at)
    if (done.seq > (applied.at(-1)?.seq ?? 0)) applied.push(done)
    const made = done[MADE[kind] ?? 'grant'] as string | undefined
    if (name && made) ids[name] = made
    const { decision, evidence: _, ...rest } = done
    let text = JSON.stringify({ ...rest, ...decision })
    for (const [name, id] of Object.entries(ids)) text = text.replaceAll(id, name)
    return { result: JSON.parse(text) as Record<string, unknown>, decision }
  }

  for (const [index, step] of scenario.steps.entries()) {
    at = step.at ?? at
    const [kind, body] = Object.entries(structuredClone(step.do))[0]!
    const { as: inner, ...rest } = body
    const entry: Partial<Told> = {}
    try {
      const got = apply(
        kind,
        rest,
        (inner as string | undefined) ?? step.as,
        step.command_id ?? `step-${index + 1}`,
      )
      entry.result = got.result
      if (got.decision) entry.decision = got.decision
      const found = step.expect_error ? 'was to be refused' : differs(step.expect ?? {}, got.result)
      if (found) entry.differs = found
    } catch (refused) {
      if (!(refused instanceof GlasskeyError)) throw refused
      entry.result = { error: refused.errors[0] }
      const found = step.expect_error ? differs(step.expect_error, refused.errors[0]) : refused.message
      if (found) entry.differs = found
    }
    const named = (id: string) =>
      Object.entries(ids).find(([, known]) => known === id)?.[0] ?? id.slice(0, 10)
    told.push({
      at,
      kind,
      step,
      result: entry.result,
      ...(entry.decision && { decision: entry.decision }),
      ...(entry.differs && { differs: entry.differs }),
      requests: Object.fromEntries(life.requests().map(({ id, phase }) => [named(id), phase])),
      grants: Object.fromEntries(life.grants().map((grant) => [named(grant.id), grant as unknown as Held])),
    })
  }
  return { told, ledger: written(applied) }
}

/** The ledger that a host would have kept. */
function written(applied: Applied[]): string {
  if (!applied[0]) return ''
  const { ledger, entry } = Ledger.begin('playground.example/story', applied[0].at)
  const entries = [entry, ...applied.flatMap((one) => ledger.record(one))]
  ledger.free()
  return entries.map((one) => `${canonical(one)}\n`).join('')
}

/** Where the first difference is: objects are held by member, lists contain in order. */
function differs(expected: unknown, got: unknown, at = ''): string | undefined {
  if (Array.isArray(expected) && (Array.isArray(got) || got == null)) {
    const rest = ((got ?? []) as unknown[]).values()
    const found = expected.every((want) => {
      for (let next = rest.next(); !next.done; next = rest.next()) if (!differs(want, next.value)) return true
      return false
    })
    const none = expected.length || !(got as unknown[] | undefined)?.length
    return found && none ? undefined : `${at}: ${JSON.stringify({ expected, got })}`
  }
  if (expected && got && typeof expected === 'object' && typeof got === 'object') {
    for (const [name, value] of Object.entries(expected)) {
      const found = differs(value, (got as Record<string, unknown>)[name], `${at}.${name}`)
      if (found) return found
    }
    return undefined
  }
  const same = (expected ?? null) === (got ?? null) || sameTime(expected, got)
  return same ? undefined : `${at}: ${JSON.stringify({ expected, got })}`
}

function sameTime(one: unknown, other: unknown): boolean {
  if (typeof one !== 'string' || typeof other !== 'string') return false
  const ms = (text: string) => (/^\d{4}-/.test(text) ? Date.parse(text) : span(text))
  return ms(one) === ms(other)
}

function span(text: string): number {
  const units: Record<string, number> = { d: 86_400_000, h: 3_600_000, m: 60_000, s: 1000, ms: 1 }
  if (!/^(\d+(ms|[dhms]))+$/.test(text)) return NaN
  return [...text.matchAll(/(\d+)(ms|[dhms])/g)].reduce(
    (sum, [, n, unit]) => sum + Number(n) * units[unit!]!,
    0,
  )
}
