// The world of benches/pam.rs, for both: permits with seven clauses each, five of them in whose
// scope the request is, and twelve guardrails over everything.

const ANCESTORS = 10
const CANDIDATES = 5
const GUARDRAILS = 12

export const MANIFEST = 'name = "pam"\nversion = "1"\n'
export const SCHEMA = `
namespace Ops {
  action elevate in [Glasskey::Action::"privileged"] appliesTo {
    principal: [Glasskey::Person, Glasskey::Agent],
    resource: Glasskey::System,
    context: Glasskey::Context,
  };
}
`

function permit(nth, group, system) {
  return `@id("permit-${nth}") @max_ttl("${30 + (nth % 60)}m") @quorum("none") @priority("${nth % 7}")
permit (principal is Glasskey::Person in Glasskey::Group::"g${group}", action == Ops::Action::"elevate", resource in Glasskey::System::"s${system}")
when { context has incident && context.incident.open && context.incident.severity <= ${2 + (nth % 4)}
&& context has shift && context.shift.covers
&& resource has tier && resource.tier >= ${nth % 2}
&& context.actor.depth < 3 && ["console", "slack"].contains(context.channel)
&& context.now < datetime("2030-01-${String(1 + (nth % 20)).padStart(2, '0')}") && context.requested_ttl <= duration("8h") };`
}

function guardrail(nth) {
  return `@id("guard-${nth}") forbid (principal, action, resource is Glasskey::System)
when { resource has environment && resource.environment == "frozen-${nth}" && context.actor.depth > ${nth} };`
}

export function policies(count) {
  const permits = Array.from({ length: count }, (_, nth) => {
    if (nth < CANDIDATES) return permit(nth, nth % ANCESTORS, Math.floor(nth / 2) % ANCESTORS)
    const group = nth % 10 === 0 ? nth % ANCESTORS : ANCESTORS + Math.floor(nth / 3)
    return permit(nth, group, ANCESTORS + Math.floor(nth / 4))
  })
  return [...permits, ...Array.from({ length: GUARDRAILS }, (_, nth) => guardrail(nth))].join('\n')
}

const uid = (kind, id) => ({ type: `Glasskey::${kind}`, id })
const chain = (kind, letter) =>
  Array.from({ length: ANCESTORS }, (_, nth) => ({
    uid: uid(kind, `${letter}${nth}`),
    attrs: {},
    parents: nth + 1 < ANCESTORS ? [uid(kind, `${letter}${nth + 1}`)] : [],
  }))

/** As few as the request needs: Cedar's are handed over with every call. */
export const entities = [
  ...chain('Group', 'g'),
  ...chain('System', 's'),
  { uid: uid('Person', 'asha'), attrs: { employer: 'Example' }, parents: [uid('Group', 'g0')] },
  {
    uid: uid('System', 'target'),
    attrs: { tier: 1, environment: 'production' },
    parents: [uid('System', 's0')],
  },
]

export const now = '2026-03-01T02:05:05.000Z'
export const facts = {
  observed_at: '2026-03-01T02:05:00Z',
  entities,
  incidents: [
    {
      id: 'INC-100',
      epoch: 1,
      status: 'open',
      severity: 1,
      source: 'pagerduty',
      opened_at: '2026-03-01T02:00:00Z',
      resources: ['Glasskey::System::"s0"'],
      responders: ['Glasskey::Person::"asha"'],
    },
  ],
  shifts: [
    {
      id: 'S-7',
      person: 'Glasskey::Person::"asha"',
      start: '2026-03-01T00:00:00Z',
      end: '2026-03-01T08:00:00Z',
      resources: ['Glasskey::System::"s0"'],
    },
  ],
}

export const request = {
  principal: 'Glasskey::Person::"asha"',
  scope: [{ action: 'Ops::Action::"elevate"', resource: 'Glasskey::System::"target"' }],
  purpose: 'restore payments',
  ttl: '1h',
  emergency: true,
  channel: 'console',
  supports: [{ incident: 'INC-100' }, { shift: 'S-7' }],
}

const time = (arg) => ({ __extn: { fn: 'datetime', arg } })
const span = (arg) => ({ __extn: { fn: 'duration', arg } })

/** The same ask, as Cedar alone has it. */
export const call = {
  principal: uid('Person', 'asha'),
  action: { type: 'Ops::Action', id: 'elevate' },
  resource: uid('System', 'target'),
  context: {
    now: time(now),
    purpose: 'restore payments',
    emergency: true,
    requested_ttl: span('1h'),
    channel: 'console',
    actor: { kind: 'person', depth: 0 },
    history: {
      grants_24h: 0,
      extensions: 0,
      refusals_10m: 0,
      overdue_reviews: 0,
      emergencies_7d: 0,
      chain: span('0s'),
    },
    incident: {
      id: 'INC-100',
      epoch: 1,
      open: true,
      severity: 1,
      source: 'pagerduty',
      opened_at: time('2026-03-01T02:00:00.000Z'),
      covers: true,
      responder: true,
    },
    shift: {
      id: 'S-7',
      start: time('2026-03-01T00:00:00.000Z'),
      end: time('2026-03-01T08:00:00.000Z'),
      covers: true,
    },
    signals: {},
    host: {},
  },
}
