'use strict'
// The scenarios of every pack, and the ledgers of bindings/conformance, in Node.js.

const assert = require('node:assert/strict')
const fs = require('node:fs')
const path = require('node:path')
const test = require('node:test')
const glasskey = require('glasskey')

const { Facts, GlasskeyError, Ledger, Lifecycle } = glasskey
const conformance = process.env.GLASSKEY_CONFORMANCE ?? path.join(__dirname, '../../conformance')
const packs = path.join(conformance, '../../policies')
const ledgers = path.join(conformance, 'ledger')
const cases = JSON.parse(fs.readFileSync(path.join(ledgers, 'cases.json'), 'utf8'))
const scenarios = fs
  .readdirSync(packs, { recursive: true })
  .filter((file) => /^[^/]+\/scenarios\/[^/]+\.json$/.test(file))

const bundles = new Map()
function load(folder) {
  if (!bundles.has(folder)) bundles.set(folder, glasskey.load(folder))
  return bundles.get(folder)
}

/** Runs steps; what they made can be called by name, in place of ids, which are digests. */
class World {
  applied = []
  ids = {}
  asks = {}

  constructor(folder, bundle, facts) {
    this.folder = folder
    this.life = new Lifecycle(bundle, facts)
    this.folded = this.life.copy()
  }

  step(kind, { as: inner, ...body }, outer, commandId, at) {
    const name = inner ?? outer
    if (kind === 'decide') {
      for (const approval of body.approvals ?? []) approval.ask = this.asks[approval.ask] ?? approval.ask
      const decision = glasskey.decide(this.life.bundle, this.life.facts, body, at)
      this.asks[name] = decision.ask
      return decision
    }
    for (const member of ['request', 'grant', 'parent']) {
      if (typeof body[member] === 'string') body[member] = this.ids[body[member]] ?? body[member]
    }
    const applied =
      kind === 'change_bundle'
        ? this.life.changeBundle(commandId, load(path.join(this.folder, body.bundle)), at)
        : this.life.apply({ command_id: commandId, [kind]: body }, at)
    if (applied.seq > this.folded.seq) {
      this.applied.push(applied)
      this.folded.fold(applied, this.life.bundle)
    }
    const made = applied[{ submit: 'request', extend: 'extension' }[kind] ?? 'grant']
    if (name && made) this.ids[name] = made
    const { decision, evidence, ...rest } = applied
    let text = JSON.stringify({ ...rest, ...decision })
    for (const [name, id] of Object.entries(this.ids)) text = text.replaceAll(id, name)
    return JSON.parse(text)
  }
}

/** Where the first difference is: objects are held by member, lists contain in order. */
function differs(expected, got, at = '') {
  if (Array.isArray(expected) && (Array.isArray(got) || got == null)) {
    const rest = (got ?? []).values()
    const found = expected.every((want) => {
      for (let next = rest.next(); !next.done; next = rest.next()) if (!differs(want, next.value)) return true
      return false
    })
    return found && (expected.length || !got?.length)
      ? undefined
      : `${at}: ${JSON.stringify({ expected, got })}`
  }
  if (expected && got && typeof expected === 'object' && typeof got === 'object') {
    for (const [name, value] of Object.entries(expected)) {
      const found = differs(value, got[name], `${at}.${name}`)
      if (found) return found
    }
    return undefined
  }
  const same = (expected ?? null) === (got ?? null) || sameTime(expected, got)
  return same ? undefined : `${at}: ${JSON.stringify({ expected, got })}`
}

function sameTime(a, b) {
  if (typeof a !== 'string' || typeof b !== 'string') return false
  const ms = (text) => (/^\d{4}-/.test(text) ? Date.parse(text) : span(text))
  return ms(a) === ms(b)
}

/** The milliseconds of a duration as Cedar writes it. */
function span(text) {
  const units = { d: 86_400_000, h: 3_600_000, m: 60_000, s: 1000, ms: 1 }
  if (!/^(\d+(ms|[dhms]))+$/.test(text)) return NaN
  return [...text.matchAll(/(\d+)(ms|[dhms])/g)].reduce((sum, [, n, unit]) => sum + n * units[unit], 0)
}

/** The ledger of what was done holds, and tells all of it again. */
function toldAgain(world, bundle) {
  const { ledger, entry } = Ledger.begin('example.com/scenario', '2026-01-01T00:00:00Z')
  const entries = [entry, ...world.applied.flatMap((applied) => ledger.record(applied))]
  const text = entries.map((entry) => glasskey.canonical(entry) + '\n').join('')
  assert.equal(glasskey.verify(text).fault, undefined)
  assert.deepEqual(
    glasskey.records(text).map(({ applied }) => applied),
    world.applied,
  )
  assert.deepEqual(glasskey.replay(text, [bundle, world.life.bundle]), [])
}

for (const name of scenarios) {
  test(name, () => {
    const file = path.join(packs, name)
    const folder = path.dirname(file)
    const scenario = JSON.parse(fs.readFileSync(file, 'utf8'))
    const bundle = load(path.resolve(folder, scenario.bundle))
    const facts =
      typeof scenario.facts === 'string' ? fs.readFileSync(path.join(folder, scenario.facts)) : scenario.facts
    const world = new World(folder, bundle, new Facts(bundle, facts))
    let at = scenario.now
    for (const [index, step] of scenario.steps.entries()) {
      at = step.at ?? at
      const [[kind, body]] = Object.entries(step.do)
      const commandId = step.command_id ?? `step-${index + 1}`
      let found
      try {
        const got = world.step(kind, body, step.as, commandId, at)
        found = step.expect_error ? `${kind} was to be refused` : differs(step.expect ?? {}, got)
      } catch (refused) {
        if (!(refused instanceof GlasskeyError) || !step.expect_error) throw refused
        found = differs(step.expect_error, refused.errors[0])
      }
      assert.equal(found, undefined, `step ${index + 1}, ${kind}`)
    }
    assert.ok(world.folded.sameState(world.life))
    toldAgain(world, bundle)
  })
}

test('there are scenarios', () => assert.ok(scenarios.length > 40))

for (const { file, checkpoints, expect } of cases.ledgers) {
  test(`ledger ${file}`, () => {
    const notes = checkpoints.map((name) => fs.readFileSync(path.join(ledgers, name), 'utf8'))
    const ledger = fs.readFileSync(path.join(ledgers, file))
    const { fault, ...report } = glasskey.verify(ledger, { checkpoints: notes, keys: cases.keys })
    if (fault) {
      const { error, ...place } = fault
      report.fault = { ...place, code: error.code }
    }
    assert.deepEqual(report, expect)
  })
}

for (const { file, entry, expect } of cases.proofs) {
  test(`proof ${file}`, () => {
    const proof = fs.readFileSync(path.join(ledgers, file), 'utf8')
    try {
      assert.deepEqual({ size: glasskey.verifyProof(proof, entry, cases.keys).size }, expect)
    } catch (refused) {
      if (!(refused instanceof GlasskeyError)) throw refused
      assert.deepEqual({ code: refused.code }, expect)
    }
  })
}

test('a proof is made from the ledger and a checkpoint', () => {
  const ledger = fs.readFileSync(path.join(ledgers, 'good.jsonl'), 'utf8')
  const note = fs.readFileSync(path.join(ledgers, 'last.note'), 'utf8')
  for (const [index, entry] of ledger.trimEnd().split('\n').entries()) {
    const proof = glasskey.prove(ledger, index, note)
    assert.equal(glasskey.verifyProof(proof, entry, cases.keys).size, 14)
  }
  assert.throws(() => glasskey.prove(ledger, 14, note), { code: 'no_such_entry' })
})
