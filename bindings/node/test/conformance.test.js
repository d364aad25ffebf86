'use strict'
// The vectors of bindings/conformance, in Node.js. README.md there tells how they are read.

const assert = require('node:assert/strict')
const test = require('node:test')
const glasskey = require('glasskey')
const { append, applyAll, asked, bundle, bytes, compiled, facts } = require('./conformance.js')
const { files, lived, loadedSigned, observe, signed, summary, vectors } = require('./conformance.js')

const { Bundle, GlasskeyError, Ledger, Request } = glasskey

const ops = {
  canonical: (_, w) => glasskey.canonical(bytes(w.text)),
  digest: (_, w) => glasskey.digest(bytes(w.text)),
  compile: (g) => bundle(g).outline(),
  facts: (g) => summary(facts(g)),
  observe,
  rebind: (g, w) => summary(facts(g).rebind(bundle(w.to))),
  request: (_, w) => new Request(w.request).toJSON(),
  decide: (g, w) => glasskey.decide(...asked(g, w)),
  answer: (g, w) => glasskey.answer(...asked(g, w)),
  decide_with_reasons: (g, w) => glasskey.decideWithReasons(...asked(g, w)),
  who_can: (g, w) => glasskey.whoCan(...asked(g, w)),
  what_can: (g, w) => glasskey.whatCan(...asked(g, w)),
  decide_json: (g, w) => glasskey.decideJson(...asked(g, w)),
  decide_many: (g, w) => glasskey.decideMany(bundle(g), facts(g), w.requests, w.now),
  decide_with_evidence: (g, w) => glasskey.decideWithEvidence(...asked(g, w)),
  decide_again: (g, w) => glasskey.decideAgain(bundle(g), w.evidence),
  explain: (g, w) => glasskey.explain(...asked(g, w)),
  lifecycle: lived,
  apply_all: applyAll,
  append,
  resume: (_, w) => ({ head: Ledger.fromState(w.state).head, root: Ledger.fromState(w.state).root }),
  prove: (_, w) => glasskey.prove(w.ledger, w.index, w.checkpoint),
  verify_proof: (_, w) => glasskey.verifyProof(w.proof, w.entry, w.keys),
  replay: (g, w) => glasskey.replay(w.ledger, [bundle(g)]),
  timeline: (_, w) => glasskey.timeline(w.ledger, { incident: w.incident, asOf: w.as_of }),
  residual: (_, w) => glasskey.residual(w.ledger, w.now),
  redact: (_, w) => glasskey.redact(w.body, w.paths, Uint8Array.from(w.seed)),
  disclose: (_, w) => glasskey.disclose(w.body, w.disclosures),
  sign_note: (_, w) => glasskey.signNote(w.text, w.key, Uint8Array.from(w.signature)),
  verify_bundle: (g, w) => glasskey.verifyBundle(files(g), JSON.stringify(w.envelope), w.keys),
  compile_signed: signed,
  compiled,
  from_compiled: (_, w) => Bundle.fromCompiled(Uint8Array.from(w.bytes)).digest,
  from_compiled_signed: loadedSigned,
}

async function answer(vector) {
  try {
    return { ok: await ops[vector.op](vector.given, vector.when) }
  } catch (refused) {
    if (!(refused instanceof GlasskeyError)) throw refused
    const codes = refused.errors.map((error) => error.code)
    const error = { code: refused.code, path: refused.path, codes: codes.length > 1 ? codes : undefined }
    return { error }
  }
}

for (const vector of vectors) {
  test(vector.id, async () => {
    assert.equal(glasskey.canonical(await answer(vector)), glasskey.canonical(vector.then))
  })
}

test('every operation has a vector', () => {
  assert.deepEqual(new Set(vectors.map((vector) => vector.op)), new Set(Object.keys(ops)))
})
