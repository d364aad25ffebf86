'use strict'
// What a decision costs in Node.js, beside cedar-wasm's stateful call: medians in microseconds.
//
//   node bench.js FOLDER     the folder that `cargo bench --bench borders` wrote its worlds into

const assert = require('node:assert/strict')
const fs = require('node:fs')
const path = require('node:path')
const { execFileSync } = require('node:child_process')
const { Worker, isMainThread, parentPort, workerData } = require('node:worker_threads')
const glasskey = require('glasskey')
const cedar = require('@cedar-policy/cedar-wasm/nodejs')

const middle = (times) => times.sort((a, b) => a - b)[times.length >> 1]

function median(calls, one) {
  for (let i = 0; i < calls; i++) one()
  const times = []
  for (let i = 0; i < calls; i++) {
    const began = process.hrtime.bigint()
    one()
    times.push(Number(process.hrtime.bigint() - began))
  }
  return Math.round(middle(times) / 100) / 10
}

/** The median time of a require in a fresh process, less that of a bare start, in ms. */
function imported(name) {
  const started = (code) => {
    const times = Array.from({ length: 15 }, () => {
      const began = process.hrtime.bigint()
      execFileSync(process.execPath, ['-e', code], { cwd: __dirname })
      return Number(process.hrtime.bigint() - began) / 1e6
    })
    return middle(times)
  }
  return Math.round((started(`require('${name}')`) - started('')) * 10) / 10
}

function prepared(world) {
  const bundle = glasskey.Bundle.compile(world.files)
  const facts = new glasskey.Facts(bundle, world.facts)
  return [bundle, facts, new glasskey.Request(world.request), new Date(world.now)]
}

async function decisions(world, name) {
  const ready = prepared(world)
  const [bundle, facts, request, now] = ready
  assert.equal(glasskey.answer(...ready).decision, 'permit')
  const { policies, ...asked } = world.cedar
  assert.equal(cedar.preparsePolicySet(name, { staticPolicies: policies }).type, 'success')
  const call = { ...asked, preparsedPolicySetId: name, validateRequest: false }
  assert.equal(cedar.statefulIsAuthorized(call).response.decision, 'allow')
  const text = glasskey.canonical(world.request)
  const many = Array(4096).fill(request)
  const batches = []
  for (let i = 0; i < 7; i++) {
    const began = process.hrtime.bigint()
    await glasskey.decideMany(bundle, facts, many, now)
    batches.push(Number(process.hrtime.bigint() - began) / 4096)
  }
  return {
    answer: median(4000, () => glasskey.answer(...ready)),
    decide_with_reasons: median(4000, () => glasskey.decideWithReasons(...ready)),
    decide: median(4000, () => glasskey.decide(...ready)),
    'answer, request as object': median(4000, () => glasskey.answer(bundle, facts, world.request, now)),
    'decide, request as object': median(4000, () => glasskey.decide(bundle, facts, world.request, now)),
    'decideJson, from text to text': median(4000, () => glasskey.decideJson(bundle, facts, text, now)),
    'decideMany, each of 4096': Math.round(middle(batches) / 100) / 10,
    peer: median(400, () => cedar.statefulIsAuthorized(call)),
  }
}

/** The resident memory in KiB along a million decisions. */
function leaks(world, count = 1_000_000) {
  const [bundle, facts, , now] = prepared(world)
  const seen = [process.memoryUsage().rss >> 10]
  for (let step = 1; step <= count; step++) {
    glasskey.decide(bundle, facts, world.request, now)
    if (step % (count / 5) === 0) seen.push(process.memoryUsage().rss >> 10)
  }
  return seen
}

const EACH = 4000

function work(world) {
  const ready = prepared(world)
  const expected = JSON.stringify(glasskey.decide(...ready))
  return () => {
    for (let i = 0; i < EACH; i++) assert.equal(JSON.stringify(glasskey.decide(...ready)), expected)
  }
}

/** Decisions per second by one worker, and by eight; all answers are compared. */
async function threads(world) {
  const rate = async (count) => {
    const workers = Array.from({ length: count }, () => new Worker(__filename, { workerData: world }))
    const turn = (message) =>
      Promise.all(
        workers.map((worker) => new Promise((done) => (worker.once('message', done), worker.postMessage(message)))),
      )
    await turn('prepare')
    const began = process.hrtime.bigint()
    await turn('work')
    const seconds = Number(process.hrtime.bigint() - began) / 1e9
    await Promise.all(workers.map((worker) => worker.terminate()))
    return Math.round((count * EACH) / seconds)
  }
  return { one: await rate(1), eight: await rate(8) }
}

async function main(folder) {
  const read = (n) => JSON.parse(fs.readFileSync(path.join(folder, `world-${n}.json`), 'utf8'))
  const found = {}
  for (const n of [10, 100, 1000]) found[n] = await decisions(read(n), `world-${n}`)
  found.import_ms = { glasskey: imported('glasskey'), peer: imported('@cedar-policy/cedar-wasm/nodejs') }
  found.threads = await threads(read(10))
  found.resident_kib = leaks(read(10))
  console.log(JSON.stringify(found))
}

if (isMainThread) main(process.argv[2])
else {
  let ready
  parentPort.on('message', (message) => {
    if (message === 'prepare') ready = work(workerData)
    else ready()
    parentPort.postMessage('done')
  })
}
