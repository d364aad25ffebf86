// The package in Chromium, from a site with a strict Content-Security-Policy.

import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import fs from 'node:fs'
import path from 'node:path'
import test, { after, before } from 'node:test'
import { pathToFileURL } from 'node:url'
import { chromium } from 'playwright-core'
import { bundleVectors } from './host/bundle.js'
import { serve } from './host/serve.js'

const conformance = process.env.GLASSKEY_CONFORMANCE
const pack = path.join(conformance, 'packs/ops')
const files = Object.fromEntries(
  fs.readdirSync(pack).map((f) => [f, fs.readFileSync(path.join(pack, f), 'utf8')]),
)
const world = fs.readFileSync(path.join(conformance, 'worlds/ops.json'), 'utf8')
const folder = path.join(import.meta.dirname, '../node_modules/glasskey-wasm')
const built = path.join(import.meta.dirname, '../built')
const now = '2026-03-01T02:05:05Z'
const ask = {
  principal: 'Glasskey::Person::"asha"',
  scope: [{ action: 'Ops::Action::"restart"', resource: 'Glasskey::System::"pay-db"' }],
  supports: [{ incident: 'INC-100' }, { shift: 'S-7' }],
}
const given = { files, world, ask, now }

let browser, site

before(async () => {
  fs.mkdirSync(built, { recursive: true })
  await bundleVectors(built, path.join(folder, 'web.js'))
  fs.copyFileSync(path.join(folder, 'glasskey_bg.wasm'), path.join(built, 'glasskey_bg.wasm'))
  fs.writeFileSync(path.join(built, 'worker.js'), WORKER)
  site = await serve({ package: folder, built, blank: '<!doctype html><title>blank</title>' })
  browser = await chromium.launch({
    executablePath: process.env.GLASSKEY_CHROMIUM ?? '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--disable-background-networking'],
  })
})

after(async () => {
  await browser?.close()
  site?.close()
})

/** A page without anything on it, and what its policy refused. */
async function page() {
  const page = await browser.newPage()
  page.refused = []
  page.on('console', (said) => said.type() === 'error' && page.refused.push(said.text()))
  page.on('pageerror', (error) => page.refused.push(String(error)))
  await page.goto(`${site.at}/blank/`)
  return page
}

const WORKER = `
  import init, { Bundle, Facts, decideJson } from '/package/web.js'
  onmessage = async ({ data: { files, world, ask, now } }) => {
    await init()
    const bundle = Bundle.compile(files)
    postMessage(decideJson(bundle, new Facts(bundle, world), ask, now))
  }`

test('every vector, ledger and scenario gives the same bytes in Node.js and in Chromium', async () => {
  // What is expected was answered by the core itself: bindings/conformance/tests/vectors.rs.
  const vectors = fs
    .readdirSync(conformance)
    .filter((file) => file.endsWith('.json'))
    .flatMap((file) => JSON.parse(fs.readFileSync(path.join(conformance, file), 'utf8')))
  const { vectors: here } = await import(pathToFileURL(path.join(built, 'vectors.js')))
  const inNode = await here(fs.readFileSync(path.join(built, 'glasskey_bg.wasm')))
  const { canonical } = await import('glasskey-wasm')
  const native = vectors.map(({ then }) => canonical(then)).join('\n')
  const open = await page()
  const inChromium = await open.evaluate(async () => {
    const { vectors } = await import('/built/vectors.js')
    return vectors()
  })
  for (const found of [inNode, inChromium]) {
    assert.deepEqual(found.failed, [])
    assert.equal(found.answers, vectors.length)
    assert.ok(found.ran > 90, `${found.ran} scenarios and ledgers`)
    assert.equal(found.hash, createHash('sha256').update(native).digest('hex'))
  }
  assert.deepEqual(open.refused, [])
  console.log(`${vectors.length} answers, native, Node.js and Chromium: sha256:${inChromium.hash}`)
})

test('a page decides without a bundler, and goes on when the network is gone', async () => {
  const open = await page()
  const asked = site.asked.length
  const decide = async ({ files, world, ask, now }) => {
    const glasskey = await import('/package/web.js')
    await glasskey.default()
    await glasskey.default()
    const bundle = glasskey.Bundle.compile(files)
    return glasskey.decideJson(bundle, new glasskey.Facts(bundle, world), ask, now)
  }
  const online = JSON.parse(await open.evaluate(decide, given))
  assert.equal(online.decision, 'permit')
  assert.deepEqual(site.asked.slice(asked), ['/package/web.js', '/package/glasskey_bg.wasm'])
  await open.context().setOffline(true)
  assert.deepEqual(JSON.parse(await open.evaluate(decide, given)), online)
  assert.deepEqual(open.refused, [])
  const kept = await open.evaluate(async () => [
    localStorage.length,
    sessionStorage.length,
    document.cookie,
    (await indexedDB.databases()).length,
    (await caches.keys()).length,
  ])
  assert.deepEqual(kept, [0, 0, '', 0, 0])
})

test('a worker decides alike, and so does the small build', async () => {
  const open = await page()
  const [worker, edge, whole] = await open.evaluate(async (given) => {
    const worker = new Worker('/built/worker.js', { type: 'module' })
    const answer = new Promise((resolve, reject) => {
      worker.onmessage = ({ data }) => resolve(data)
      worker.onerror = ({ message }) => reject(new Error(message))
    })
    worker.postMessage(given)
    const decide = (glasskey, bundle) =>
      glasskey.decideJson(bundle, new glasskey.Facts(bundle, given.world), given.ask, given.now)
    const [edge, whole] = [await import('/package/edge.js'), await import('/package/web.js')]
    await Promise.all([edge.default(), whole.default()])
    const bundle = whole.Bundle.compile(given.files)
    const form = bundle.toCompiled()
    return [await answer, decide(edge, edge.Bundle.fromCompiled(form)), decide(whole, bundle)]
  }, given)
  assert.equal(JSON.parse(whole).decision, 'permit')
  assert.equal(worker, whole)
  assert.equal(edge, whole)
  assert.deepEqual(open.refused, [])
})

test('the module is held to its integrity', async () => {
  const { 'glasskey_bg.wasm': right } = JSON.parse(fs.readFileSync(path.join(folder, 'integrity.json')))
  const open = await page()
  const load = (integrity) =>
    open.evaluate(async (integrity) => {
      const { default: init, catalogue } = await import('/package/web.js')
      try {
        await init(fetch('/package/glasskey_bg.wasm', { integrity }))
      } catch (error) {
        return error.name
      }
      return Object.keys(catalogue().errors).length
    }, integrity)
  assert.equal(await load(`sha384-${Buffer.alloc(48).toString('base64')}`), 'TypeError')
  assert.ok((await load(right)) > 40, 'and can be loaded after that')
})
