// The worker in workerd, by Miniflare. PACKAGE is the folder of glasskey-wasm.

import { Miniflare } from 'miniflare'
import assert from 'node:assert/strict'
import { readFileSync, readdirSync } from 'node:fs'
import path from 'node:path'
import test from 'node:test'
import { pathToFileURL } from 'node:url'
import { newKey, signed } from './sign.js'

const { PACKAGE } = process.env
const { load } = await import(pathToFileURL(path.join(PACKAGE, 'node.js')))
const starter = path.join(import.meta.dirname, '../../../../policies/starter')
const read = (file) => readFileSync(path.join(starter, file), 'utf8')
const names = readdirSync(starter).filter((file) => /^bundle\.toml$|\.cedar(schema)?$/.test(file))
const files = Object.fromEntries(names.map((file) => [file, read(file)]))
const key = newKey('publisher.example')
const envelope = signed(files, load(starter), key)
const body = {
  facts: JSON.parse(read('facts.json')),
  ask: JSON.parse(read('requests/oncall-restart.json')),
  now: '2026-03-01T02:05:05Z',
}

/** What the worker answers to each body, with a pack and the publishers that it knows. */
async function answers(FILES, PUBLISHERS, bodies) {
  const module = (file) => path.join(PACKAGE, file)
  const worker = new Miniflare({
    compatibilityDate: '2026-01-01',
    bindings: { FILES, PUBLISHERS, ENVELOPE: envelope },
    modules: [
      {
        type: 'ESModule',
        path: 'worker.js',
        contents: readFileSync(path.join(import.meta.dirname, 'worker.js')),
      },
      ...['edge.workerd.js', 'edge.js'].map((file) => ({
        type: 'ESModule',
        path: `glasskey/${file}`,
        contents: readFileSync(module(file)),
      })),
      { type: 'CompiledWasm', path: 'glasskey/edge_bg.wasm', contents: readFileSync(module('edge_bg.wasm')) },
    ],
  })
  try {
    const all = []
    for (const body of bodies) {
      const answer = await worker.dispatchFetch('http://edge.example/', {
        method: 'POST',
        body: JSON.stringify(body),
      })
      all.push([answer.status, await answer.json()])
    }
    return all
  } finally {
    await worker.dispose()
  }
}

test('it decides under the pack that was signed', async () => {
  const closed = { ...body, facts: { ...body.facts, incidents: [] } }
  const wrong = { ...body, ask: { ...body.ask, purpos: 'a typo' } }
  const [permit, deny, refused] = await answers(files, [key.verifier], [body, closed, wrong])
  assert.equal(permit[0], 200)
  assert.equal(permit[1].ends_at, '2026-03-01T03:05:05.000Z')
  assert.deepEqual([deny[0], deny[1].decision], [403, 'deny'])
  assert.deepEqual([refused[0], refused[1].code], [400, 'unknown_member'])
})

test('under another pack, or another publisher, nothing is permitted', async () => {
  const opened = {
    ...files,
    'oncall.cedar': files['oncall.cedar'].replaceAll('@max_ttl("1h")', '@max_ttl("9h")'),
  }
  const [[status]] = await answers(opened, [key.verifier], [body])
  assert.equal(status, 400)
  const [[other, { code }]] = await answers(files, [newKey('publisher.example').verifier], [body])
  assert.deepEqual([other, code], [400, 'unknown_signer'])
})
