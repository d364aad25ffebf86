'use strict'
// A service's privilege ends with its work, however that ends.

const assert = require('node:assert/strict')
const fs = require('node:fs')
const path = require('node:path')
const test = require('node:test')
const glasskey = require('glasskey')

const { AccessRefused, ApprovalsMissing, Desk, Facts, GlasskeyError, Lifecycle } = glasskey
const conformance = process.env.GLASSKEY_CONFORMANCE ?? path.join(__dirname, '../../conformance')
const starter = path.join(conformance, '../../policies/starter')
const read = (file) => JSON.parse(fs.readFileSync(path.join(starter, file), 'utf8'))
const bundle = glasskey.load(starter)
const restart = ['Ops::Action::"restart"', 'Glasskey::System::"pay-db"']
const start = new Date('2026-03-01T02:05:05Z')
const noon = new Date('2026-03-02T12:00:00Z')
const oncall = read('requests/oncall-restart.json')
const dual = read('requests/dual-approval.json')

/** A vault that issues and revokes, a clock that is set by hand, and what was written. */
function host(at = start, over = {}) {
  const self = { now: at, records: [], seen: [] }
  const facts = new Facts(bundle, { ...read('facts.json'), observed_at: at })
  self.desk = new Desk(new Lifecycle(bundle, facts), {
    write: async (record) => self.records.push(record),
    carryOut: async (effect) => {
      self.seen.push(effect.type)
      if (effect.type === 'issue')
        return { issued: { grant: effect.grant, points: ['vault'], credential_ref: 'vault:7' } }
      if (effect.type === 'revoke') return { revoked: { grant: effect.grant, point: effect.point } }
    },
    clock: () => self.now,
    ...over,
  })
  self.end = () => self.desk.lifecycle.grants().map(({ phase, cause }) => `${phase} ${cause}`)
  return self
}

const timeout = () => Object.assign(new Error('too slow'), { name: 'TimeoutError' })
for (const [error, cause] of [
  [undefined, 'task_done'],
  [new RangeError('no'), 'task_failed'],
  [timeout(), 'task_timeout'],
]) {
  test(`access ends: ${cause}`, async () => {
    const here = host()
    let kept
    const work = here.desk.elevate(oncall, {}, async (access) => {
      kept = access
      assert.equal(access.credentialRef, 'vault:7')
      assert.equal(access.endsAt.getTime(), start.getTime() + 3_600_000)
      assert.equal((await access.use(...restart)).decision, 'permit')
      if (error) throw error
      return 'done'
    })
    if (error) await assert.rejects(work, error)
    else assert.equal(await work, 'done')
    assert.deepEqual(here.end(), [`closed ${cause}`])
    assert.equal(here.seen.filter((type) => type === 'revoke').length, 1)
    await assert.rejects(kept.use(...restart), /grant_ended/)
  })
}

test('what is disposed of has ended, and ends once', async () => {
  const here = host()
  const access = await here.desk.elevate(oncall)
  await access[Symbol.asyncDispose]()
  await access[Symbol.asyncDispose]()
  assert.deepEqual(here.end(), ['closed task_done'])
})

test('the end comes with the time, whoever is still at work', async () => {
  const here = host()
  await here.desk.elevate(oncall, {}, async (access) => {
    here.now = new Date(start.getTime() + 3_600_000)
    await assert.rejects(access.use(...restart), AccessRefused)
  })
  assert.deepEqual(here.end(), ['closed expired'])
})

test('a refusal tells why and what would help', async () => {
  const here = host()
  await assert.rejects(here.desk.elevate(read('requests/shared-account.json')), (refused) => {
    assert.ok(refused instanceof AccessRefused)
    assert.equal(refused.applied.state, 'refused')
    assert.ok(refused.message.endsWith(`(next: ${refused.decision.next_action})`))
    return true
  })
  assert.deepEqual(here.end(), [])
})

const said =
  (kind, ...people) =>
  (pending) =>
    people.map((person) => ({ [kind]: { request: pending.id, by: `Glasskey::Person::"${person}"` } }))

test('seats are named and may be waited for', async () => {
  const here = host(noon)
  await assert.rejects(here.desk.elevate(dual), (missing) => {
    assert.ok(missing instanceof ApprovalsMissing)
    assert.deepEqual(
      missing.seats.map((seat) => seat.seat),
      ['engineering', 'security'],
    )
    return missing.seats[1].candidates.includes('Glasskey::Person::"ann"')
  })
  assert.equal(here.desk.lifecycle.requests()[0].phase, 'withdrawn')
  let times = 0
  const wait = async (pending) => said('approve', times++ ? 'ann' : 'bob')(pending)
  const rule = await here.desk.elevate(dual, { wait }, (access) => access.grant.rule)
  assert.deepEqual([rule, times], ['dual-approval', 2])
})

test('a denial and a wait that fails give nothing', async () => {
  const here = host(noon)
  await assert.rejects(here.desk.elevate(dual, { wait: said('deny', 'ann') }), AccessRefused)
  const wait = () => Promise.reject(new Error('chat is down'))
  await assert.rejects(here.desk.elevate(dual, { wait }), /chat is down/)
  const phases = here.desk.lifecycle.requests().map(({ phase }) => phase)
  assert.deepEqual(phases.sort(), ['denied', 'withdrawn'])
})

test('a vault that does not issue gives nothing and leaves nothing', async () => {
  const down = host(start, { carryOut: () => Promise.reject(new Error('vault is down')) })
  await assert.rejects(down.desk.elevate(oncall, {}, assert.fail), /vault is down/)
  const silent = host(start, { carryOut: () => undefined })
  await assert.rejects(silent.desk.elevate(oncall), /no enforcement point/)
  for (const { desk } of [down, silent]) {
    assert.ok(!['active', 'issuing'].includes(desk.lifecycle.grants()[0].phase))
  }
})

test('an effect that fails does not keep the others back', async () => {
  const here = host(start, {
    carryOut: ({ type, grant, point }) => {
      if (type === 'issue') return { issued: { grant, points: ['vault', 'proxy', 'bastion'] } }
      if (type === 'revoke' && point === 'vault') throw new Error('vault is down')
      if (type === 'revoke') return { revoked: { grant, point } }
    },
  })
  await assert.rejects(
    here.desk.elevate(oncall, {}, () => 1),
    /vault is down/,
  )
  const [grant] = here.desk.lifecycle.grants()
  const waiting = Object.keys(grant.points).filter((name) => !grant.points[name].confirmed_at)
  assert.deepEqual([grant.phase, waiting], ['revoking', ['vault']])
})

test('a record that is not written closes the desk', async () => {
  const { desk } = host(start, { write: () => Promise.reject(new Error('disk full')) })
  await assert.rejects(desk.apply({ tick: {} }), /disk full/)
  await assert.rejects(desk.apply({ tick: {} }), /was not written; rebuild/)
})

test('records stand in order, whoever applies at once, and make the same lifecycle again', async () => {
  const here = host()
  const again = here.desk.lifecycle.copy()
  await Promise.all([
    here.desk.elevate(oncall, {}, () => 1),
    here.desk.apply({ tick: {} }),
    here.desk.tick(),
    here.desk.apply({ observe: { locks: [] } }),
  ])
  assert.deepEqual(
    here.records.map(({ seq }) => seq),
    here.records.map((_, index) => index + 1),
  )
  for (const record of here.records) again.fold(record)
  assert.ok(again.sameState(here.desk.lifecycle))
})

test('a clock may be given and malformed commands are errors', async () => {
  const here = host(start, { clock: () => new Date(0) })
  const access = await here.desk.elevate(oncall, { now: () => start })
  assert.equal(access.grant.started, '2026-03-01T02:05:05.000Z')
  assert.ok(Date.parse(await here.desk.tick({ now: () => start })) > start)
  await access.end()
  await assert.rejects(here.desk.apply({ aprove: {} }), GlasskeyError)
})
