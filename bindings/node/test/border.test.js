'use strict'
// What JavaScript alone can send across the border.

const assert = require('node:assert/strict')
const fs = require('node:fs')
const path = require('node:path')
const test = require('node:test')
const util = require('node:util')
const { Worker } = require('node:worker_threads')
const glasskey = require('glasskey')

const { Bundle, Facts, GlasskeyError, Request } = glasskey
const conformance = process.env.GLASSKEY_CONFORMANCE ?? path.join(__dirname, '../../conformance')
const pack = path.join(conformance, 'packs/ops')
const bundle = glasskey.load(pack)
const facts = new Facts(bundle, fs.readFileSync(path.join(conformance, 'worlds/ops.json')))
const now = '2026-03-01T02:05:05Z'
const ask = {
  principal: 'Glasskey::Person::"asha"',
  scope: [{ action: 'Ops::Action::"restart"', resource: 'Glasskey::System::"pay-db"' }],
  supports: [{ incident: 'INC-100' }, { shift: 'S-7' }],
}

const refusal = (code, where) => (error) => {
  assert.ok(error instanceof GlasskeyError, String(error))
  assert.equal(error.code, code)
  if (where) assert.equal(error.path, where)
  return true
}

test('what JSON cannot hold is refused with its place', () => {
  const circle = []
  circle.push(circle)
  for (const [value, code] of [
    [0.5, 'bad_number'],
    [NaN, 'bad_number'],
    [-Infinity, 'bad_number'],
    [2 ** 53, 'bad_number'],
    [5n, 'bad_number'],
    [2n ** 64n, 'bad_number'],
    ['\ud800', 'bad_json'],
    [{ '\udfff': 1 }, 'bad_json'],
    [new Map(), 'wrong_type'],
    [() => 1, 'wrong_type'],
    [Symbol('s'), 'wrong_type'],
    [new Uint8Array(1), 'wrong_type'],
    [[undefined], 'wrong_type'],
    [new Date(NaN), 'bad_instant'],
    [circle, 'too_deep'],
    ['x'.repeat(65_537), 'too_large'],
  ]) {
    const where = ['too_deep', 'wrong_type'].includes(code) ? undefined : 'host.x[0]'
    assert.throws(() => new Request({ ...ask, host: { x: [value] } }), refusal(code, where))
    assert.throws(() => glasskey.canonical({ x: value }), refusal(code))
  }
})

test('whole numbers, strings and containers cross; what is undefined is not there', () => {
  const bare = Object.assign(Object.create(null), { b: -0 })
  const value = { i: 2 ** 53 - 1, n: null, u: undefined, s: ['ü', true], bare, at: new Date(0) }
  assert.equal(
    glasskey.canonical(value),
    '{"at":"1970-01-01T00:00:00.000Z","bare":{"b":0},"i":9007199254740991,"n":null,"s":["ü",true]}',
  )
})

test('now may be a Date or text, and is the clock of the system unless it is given', () => {
  const own = glasskey.decide(bundle, facts, ask, new Date(now))
  assert.deepEqual(own, glasskey.decide(bundle, facts, ask, now))
  const before = Date.now()
  const { observedAt } = new Facts(bundle, { observed_at: now }).observe({})
  assert.ok(before <= Date.parse(observedAt) && Date.parse(observedAt) <= Date.now())
  assert.throws(() => glasskey.decide(bundle, facts, ask, new Date('noon')), refusal('bad_instant'))
  assert.throws(() => glasskey.decide(bundle, facts, ask, '2026-03-01T02:05:05'), refusal('bad_instant'))
  assert.throws(() => glasskey.decide(bundle, facts, ask, 1_772_330_705), refusal('wrong_type'))
})

test('a request is the same prepared, as data, as text and as bytes', () => {
  const text = glasskey.canonical(ask)
  const forms = [new Request(ask), ask, text, new TextEncoder().encode(text), new Request(new Request(ask))]
  const answers = forms.map((form) => glasskey.decide(bundle, facts, form, now))
  for (const answer of answers) assert.deepEqual(answer, answers[0])
  assert.equal(glasskey.decideJson(bundle, facts, text, now), glasskey.canonical(answers[0]))
  assert.throws(() => new Request(Uint8Array.of(255)), refusal('bad_json'))
})

test('an error shows its place and what to do', async () => {
  const files = {
    'bundle.toml': 'name = "t"\nversion = "1"\n',
    'a.cedar': '@id("x")\n@max_tll("1h")\nforbid (principal, action, resource);',
  }
  const shows = (error) => {
    refusal('unknown_annotation')(error)
    assert.equal(error.labels[0].line, 2)
    assert.match(error.stack, /--> a\.cedar:2:1\n2 \| @max_tll\("1h"\)\n {2}\| \^+\n {2}help: /)
    assert.match(error.stack, /border\.test\.js/)
    return error.errors[0].message === error.message
  }
  assert.throws(() => Bundle.compile(files), shows)
  await assert.rejects(Bundle.compileAsync(files), shows)
})

test('wrong handles and folders are errors of the platform', async () => {
  assert.throws(() => glasskey.decide({}, facts, ask), TypeError)
  assert.throws(() => new Bundle(), TypeError)
  assert.throws(() => glasskey.load(path.join(pack, 'nowhere')), { code: 'ENOENT' })
  await assert.rejects(glasskey.loadAsync(path.join(pack, 'nowhere')), { code: 'ENOENT' })
})

test('handles say what they are', async () => {
  assert.match(util.inspect(bundle), /^Bundle<ops 1\.0\.0: 11 rules, 2 guards, sha256:\w{8}…>$/)
  assert.match(util.inspect(facts), /^Facts<16 entities, observed 2026-03-01T02:05:00\.000Z>$/)
  assert.ok(bundle.equals(await glasskey.loadAsync(pack)))
  assert.match(bundle.schema, /namespace Ops/)
})

test('a batch keeps its order, takes any iterable and does not fail as a whole', async () => {
  function* asks() {
    for (let i = 0; i < 5_000; i++) yield i % 7 ? { ...ask, ttl: `${1 + (i % 50)}m` } : { principal: i / 2 }
  }
  const answers = await glasskey.decideMany(bundle, facts, asks(), now)
  assert.equal(answers.length, 5_000)
  for (const [i, answer] of answers.entries()) {
    if (i % 7) assert.equal(Date.parse(answer.ok.ends_at) - Date.parse(now), (1 + (i % 50)) * 60_000)
    else assert.equal(answer.error.code, i % 2 ? 'bad_number' : 'wrong_type')
  }
})

test('a big batch can be aborted, and lets the event loop run meanwhile', async () => {
  const aborter = new AbortController()
  const many = Array(200_000).fill(new Request(ask))
  const batch = glasskey.decideMany(bundle, facts, many, now, { signal: aborter.signal })
  setTimeout(() => aborter.abort(), 50)
  await assert.rejects(batch, { name: 'AbortError' })
})

test('worker threads decide alike', async () => {
  const script = `
    const { parentPort, workerData } = require('node:worker_threads')
    const glasskey = require(workerData.glasskey)
    const bundle = glasskey.load(workerData.pack)
    const facts = new glasskey.Facts(bundle, workerData.world)
    parentPort.postMessage(glasskey.decideJson(bundle, facts, workerData.ask, workerData.now))`
  const world = fs.readFileSync(path.join(conformance, 'worlds/ops.json'), 'utf8')
  const workerData = { glasskey: require.resolve('glasskey'), pack, world, ask, now }
  const answers = [1, 2, 3, 4].map(() => {
    const worker = new Worker(script, { eval: true, workerData })
    return new Promise((resolve, reject) => worker.once('message', resolve).once('error', reject))
  })
  const here = glasskey.decideJson(bundle, facts, ask, now)
  for (const there of await Promise.all(answers)) assert.equal(there, here)
})
