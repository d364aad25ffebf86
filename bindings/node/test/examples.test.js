'use strict'
// The examples are run as their readers would run them.

const assert = require('node:assert/strict')
const { spawn } = require('node:child_process')
const fs = require('node:fs')
const http = require('node:http')
const path = require('node:path')
const test = require('node:test')
const { once } = require('node:events')
const { Facts, load } = require('glasskey')

const conformance = process.env.GLASSKEY_CONFORMANCE ?? path.join(__dirname, '../../conformance')
const starter = path.join(conformance, '../../policies/starter')
const file = path.join(__dirname, '../examples/service.js')
const { service } = require(file)

test('a service asks on every request', async (t) => {
  const bundle = load(starter)
  const world = JSON.parse(fs.readFileSync(path.join(starter, 'facts.json'), 'utf8'))
  const facts = new Facts(bundle, world)
  const logged = []
  const clock = { now: '2026-03-01T02:05:05Z' }
  const log = (line) => logged.push(line)
  const server = http.createServer(service({ bundle, facts, log, now: () => new Date(clock.now) }))
  await once(server.listen(0, '127.0.0.1'), 'listening')
  t.after(() => server.close())
  const post = async (to, headers, body) => {
    const url = `http://127.0.0.1:${server.address().port}${to}`
    const response = await fetch(url, { method: 'POST', headers, body })
    return [response.status, await response.json()]
  }
  const asha = { 'x-user': 'asha', 'x-incident': 'INC-100', 'x-shift': 'S-7' }

  assert.deepEqual(await post('/restart/pay-db', asha), [
    200,
    { restarted: 'pay-db', ask_again: '2026-03-01T02:06:00.000Z' },
  ])
  assert.deepEqual(logged, ['recording begins', 'told secops', 'asha restarts pay-db, under oncall-restart'])
  const [refused, why] = await post('/restart/pay-db', { ...asha, 'x-user': 'lena' })
  assert.equal(refused, 403)
  assert.equal(why.reasons[0].code, 'shift_of_another')
  assert.equal((await post('/restart/pay"db', asha))[0], 403)
  assert.equal((await post('/other', asha))[0], 404)

  const [malformed, { errors }] = await post('/facts', {}, '{"incidents": [{"idd": "INC-100"}]}')
  assert.deepEqual([malformed, errors[0].code], [400, 'unknown_member'])
  clock.now = '2026-03-01T02:05:30Z'
  const closed = { observed_at: clock.now, incidents: [{ ...world.incidents[0], status: 'closed' }] }
  assert.equal((await post('/facts', {}, JSON.stringify(closed)))[0], 200)
  const [after, { reasons }] = await post('/restart/pay-db', asha)
  assert.deepEqual([after, reasons[0].code], [403, 'incident_closed'])
})

test('the service starts from the command line', async (t) => {
  const child = spawn(process.execPath, [file, starter, path.join(starter, 'facts.json'), '0'])
  t.after(() => child.kill())
  const [line] = await once(child.stdout, 'data')
  const [, url] = /^(http:\S+) asks starter 1\.0\.0\n$/.exec(String(line))
  // The facts are of the past, so nothing is permitted today.
  const headers = { 'x-user': 'asha', 'x-incident': 'INC-100', 'x-shift': 'S-7' }
  const response = await fetch(`${url}/restart/pay-db`, { method: 'POST', headers })
  assert.equal(response.status, 403)
})
