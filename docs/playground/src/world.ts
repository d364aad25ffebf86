// The world of the page: the starter pack's facts, news of it minute by minute, and an incident
// that closes when the reader wants it to.

import { Facts, type Bundle, type FactsDocument } from 'glasskey-wasm'
import type { Stretch } from './lanes'
import { iso } from './words'

type Known = { id: string; status?: string; observed_at?: unknown }

/** What happens in it besides. */
export interface News {
  /** Whether somebody reports every minute that all is as it was. */
  fresh: boolean
  /** When which incident closes. */
  closes?: { incident: string; at: number }
}

/** Facts, and from when on they are what is known. */
export interface Snapshot {
  from: number
  facts: Facts
  /** What made them of the ones before. */
  change?: FactsDocument
}

const MINUTE = 60_000

export interface World {
  document: FactsDocument
  /** When the snapshot was taken. */
  begins: number
}

export function read(text: string): World {
  const document = JSON.parse(text) as FactsDocument
  return { document, begins: Date.parse(String(document.observed_at)) }
}

/** What is known from the world's beginning until an instant, change by change. */
export function known(bundle: Bundle, world: World, news: News, until: number): Snapshot[] {
  const all: Snapshot[] = [{ from: world.begins, facts: new Facts(bundle, world.document) }]
  const report = (change: FactsDocument, from: number) =>
    all.push({ from, change, facts: all.at(-1)!.facts.observe(change, iso(from)) })
  const closes = news.closes && news.closes.at >= world.begins ? news.closes : undefined
  const minutes = news.fresh ? Math.ceil((until - world.begins) / MINUTE) : 0
  const instants = Array.from({ length: minutes }, (_, n) => world.begins + (n + 1) * MINUTE)
  if (closes && !instants.includes(closes.at)) instants.push(closes.at)
  for (const at of instants.sort((a, b) => a - b)) {
    const closed = closes && at >= closes.at ? closes.incident : undefined
    if (at === closes?.at) report(closing(world, closes.incident), at)
    if (news.fresh) report(again(world, at, closed), at)
  }
  return all
}

function closing({ document }: World, id: string): FactsDocument {
  const epoch = document.incidents?.find((incident) => incident.id === id)?.epoch
  return { incidents: [{ id, ...(epoch !== undefined && { epoch }), status: 'closed' }] } as FactsDocument
}

/** That all is as it was. */
function again({ document }: World, at: number, closed: string | undefined): FactsDocument {
  const bare = (known: Known[] | undefined) =>
    known?.filter(({ id }) => id !== closed).map(({ observed_at: _, ...rest }) => rest)
  return {
    observed_at: iso(at),
    entities_observed_at: iso(at),
    incidents: bare(document.incidents as Known[]),
    shifts: bare(document.shifts as Known[]),
    windows: bare(document.windows as Known[]),
    tasks: bare(document.tasks as Known[]),
    signals: document.signals,
    history: document.history,
  } as FactsDocument
}

export function free(all: Snapshot[]) {
  for (const { facts } of all) facts.free()
}

/** Everybody and everything that can be named in a request. */
export function names({ document }: World) {
  const entities = (document.entities ?? []) as { uid: { type: string; id: string } }[]
  const of = (...types: string[]) =>
    entities
      .filter(({ uid }) => types.some((type) => uid.type.endsWith(`::${type}`)))
      .map(({ uid }) => `${uid.type}::${JSON.stringify(uid.id)}`)
  const ids = (known: unknown) => ((known ?? []) as Known[]).map(({ id }) => id)
  return {
    principals: of('Person', 'Service', 'Agent'),
    resources: of('System'),
    supports: {
      incident: ids(document.incidents),
      shift: ids(document.shifts),
      window: ids(document.windows),
      task: ids(document.tasks),
    },
  }
}

/** What becomes of an incident or a shift, until an instant; the incident closes when it is told to. */
export function happening(
  { document, begins }: World,
  kind: 'incidents' | 'shifts',
  id: string,
  closes: number | undefined,
  until: number,
): Stretch[] {
  const found = ((document[kind] ?? []) as Record<string, unknown>[]).find((known) => known.id === id)
  if (!found) return []
  const time = (member: string) => (found[member] ? Date.parse(String(found[member])) : undefined)
  if (kind === 'shifts') {
    return [{ from: time('start') ?? begins, to: time('end') ?? until, kind: 'shift', label: `${id} runs` }]
  }
  const closed = (from: number) => ({ from, to: until, kind: 'closed', label: `${id} is closed` })
  const from = Math.max(time('opened_at') ?? begins, begins)
  if (found.status === 'closed') return [closed(from)]
  const to = closes === undefined ? until : Math.max(closes, begins)
  const open = { from, to, kind: 'incident', label: `${id} is open` }
  return closes === undefined ? [open] : [open, closed(to)]
}
