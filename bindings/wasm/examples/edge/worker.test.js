// The worker in workerd, by Miniflare. PACKAGE is the folder of glasskey-wasm.

import { Miniflare } from 'miniflare'
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import path from 'node:path'
import test from 'node:test'
import { pathToFileURL } from 'node:url'
import { newKey, noted, signed } from './sign.js'

const { PACKAGE } = process.env
const { Facts, Ledger, Lifecycle, canonical, load, prove, signNote } = await import(
  pathToFileURL(path.join(PACKAGE, 'node.js'))
)
const starter = path.join(import.meta.dirname, '../../../../policies/starter')
const read = (file) => readFileSync(path.join(starter, file), 'utf8')
const key = newKey('publisher.example')
const ledgerKey = newKey('pam.example')
const bundle = load(starter)
const form = bundle.toCompiled()
const envelope = signed({ 'bundle.compiled': form }, bundle, key)
const facts = JSON.parse(read('facts.json'))
const ask = JSON.parse(read('requests/oncall-restart.json'))
const now = '2026-03-01T02:05:05Z'

/** What the PAM hands to whom it grants: the entry that began the grant, and its proof. */
function granted(ask) {
  const life = new Lifecycle(bundle, new Facts(bundle, facts))
  const { ledger, entry } = Ledger.begin('pam.example', now)
  const entries = [entry]
  const apply = (command) => {
    const applied = life.apply({ command_id: `c-${life.seq}`, ...command }, now)
    entries.push(...ledger.record(applied))
    return applied
  }
  const { request } = apply({ submit: { request: ask } })
  apply({ activate: { request } })
  const text = entries.map((entry) => canonical(entry) + '\n').join('')
  const began = entries.find(({ body }) => body.event?.type === 'activated')
  return { entry: began, proof: prove(text, began.seq, noted(ledger.checkpoint(), ledgerKey, signNote)) }
}

const body = { facts, ask, now, grant: granted(ask) }

/** What the worker answers to each body, with a pack and the publishers that it knows. */
async function answers(form, PUBLISHERS, bodies) {
  const module = (file) => path.join(PACKAGE, file)
  const worker = new Miniflare({
    compatibilityDate: '2026-01-01',
    bindings: { PUBLISHERS, ENVELOPE: envelope, LEDGERS: [ledgerKey.verifier] },
    dataBlobBindings: { PACK: form },
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
  const [permit, deny, refused] = await answers(form, [key.verifier], [body, closed, wrong])
  assert.equal(permit[0], 200)
  assert.equal(permit[1].ends_at, '2026-03-01T03:05:05.000Z')
  assert.deepEqual([deny[0], deny[1].decision], [403, 'deny'])
  assert.deepEqual([refused[0], refused[1].code], [400, 'unknown_member'])
})

test('a grant lets its holder do what it says until it ends, if a known ledger holds it', async () => {
  const { entry, proof } = body.grant
  const longer = structuredClone(entry)
  longer.body.event.grant.ends_at = '2026-03-02T00:00:00.000Z'
  const [another, outside, late, altered, other] = await answers(
    form,
    [key.verifier],
    [
      { ...body, ask: { ...ask, principal: 'Glasskey::Person::"bo"' } },
      { ...body, ask: { ...ask, scope: [{ ...ask.scope[0], resource: 'Glasskey::System::"ledger-db"' }] } },
      { ...body, now: entry.body.event.grant.ends_at },
      { ...body, grant: { entry: longer, proof } },
      { ...body, grant: { entry, proof: proof.replace('pam.example\n', 'pim.example\n') } },
    ],
  )
  assert.deepEqual([another[0], another[1].code], [403, 'grant_of_another'])
  assert.deepEqual([outside[0], outside[1].code], [403, 'out_of_scope'])
  assert.deepEqual([late[0], late[1].code], [403, 'grant_ended'])
  assert.deepEqual([altered[0], altered[1].code], [400, 'entry_altered'])
  assert.equal(other[0], 400)
})

test('under another pack, or another publisher, nothing is permitted', async () => {
  const opened = form.slice()
  opened[form.length >> 1] ^= 1
  const [[status]] = await answers(opened, [key.verifier], [body])
  assert.equal(status, 400)
  const [[other, { code }]] = await answers(form, [newKey('publisher.example').verifier], [body])
  assert.deepEqual([other, code], [400, 'unknown_signer'])
})
