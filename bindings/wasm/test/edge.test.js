// The small build answers the vectors as the whole one does, from the compiled form of each pack.

import assert from 'node:assert/strict'
import fs from 'node:fs'
import path from 'node:path'
import test from 'node:test'
import * as whole from 'glasskey-wasm'
import * as edge from 'glasskey-wasm/edge'

const folder = process.env.GLASSKEY_CONFORMANCE
const read = (file) => JSON.parse(fs.readFileSync(path.join(folder, file), 'utf8'))
const vectors = fs
  .readdirSync(folder)
  .filter((file) => file.endsWith('.json'))
  .flatMap(read)

function files(given) {
  const pack = path.join(folder, 'packs', given.pack)
  const all = Object.fromEntries(
    fs.readdirSync(pack).map((file) => [file, fs.readFileSync(path.join(pack, file))]),
  )
  for (const [name, content] of Object.entries(given.files ?? {})) {
    if (content === null) delete all[name]
    else all[name] = Array.isArray(content) ? Uint8Array.from(content) : content
  }
  return all
}

function facts(bundle, given) {
  if (typeof given.world === 'string') return new edge.Facts(bundle, given.world)
  const all = Object.entries({ ...read(`worlds/${given.pack}.json`), ...given.world })
  return new edge.Facts(bundle, Object.fromEntries(all.filter(([, member]) => member !== null)))
}

const asked = (given, when) => {
  const bundle = edge.Bundle.fromCompiled(whole.Bundle.compile(files(given)).toCompiled())
  return [bundle, facts(bundle, given), when.request, when.now]
}
const summary = (facts) => ({ observed_at: facts.observedAt, entity_count: facts.entityCount })

const ops = {
  request: (_, w) => new edge.Request(w.request).toJSON(),
  facts: (g) => summary(asked(g, {})[1]),
  decide: (g, w) => edge.decide(...asked(g, w)),
  answer: (g, w) => edge.answer(...asked(g, w)),
  decide_with_reasons: (g, w) => edge.decideWithReasons(...asked(g, w)),
  decide_json: (g, w) => edge.decideJson(...asked(g, w)),
  decide_with_evidence: (g, w) => edge.decideWithEvidence(...asked(g, w)),
  from_compiled: (_, w) => edge.Bundle.fromCompiled(Uint8Array.from(w.bytes)).digest,
  verify_proof: (_, w) => edge.verifyProof(w.proof, w.entry, w.keys),
  verify_bundle: (g, w) => edge.verifyBundle(files(g), JSON.stringify(w.envelope), w.keys),
}

/** What came out; of an error its code and path, since the words for what does not fit are Cedar's. */
function answer({ op, given, when }) {
  try {
    return { ok: ops[op](given, when) }
  } catch (refused) {
    const codes = refused.errors?.map((error) => error.code)
    if (!codes) throw refused
    const error = { code: refused.code, path: refused.path, codes: codes.length > 1 ? codes : undefined }
    return { error }
  }
}

test('every vector that the small build can answer comes out to the byte', () => {
  let answered = 0
  for (const vector of vectors.filter(({ op }) => op in ops)) {
    const got = answer(vector)
    if (got.error?.code === 'not_compilable') continue
    assert.equal(edge.canonical(got), edge.canonical(vector.then), vector.id)
    answered++
  }
  assert.ok(answered > 120, `${answered} vectors`)
})

test('it has no compiler, and says so', () => {
  assert.throws(() => edge.Bundle.compile({}), /fromCompiled/)
  assert.throws(() => edge.Bundle.missingBase({}), /fromCompiled/)
})

test('a compiled pack loads if it was signed', () => {
  const { given } = vectors.find(({ op }) => op === 'decide')
  const form = whole.Bundle.compile(files(given)).toCompiled()
  const code = (load) => {
    try {
      load()
    } catch (error) {
      return error.code
    }
  }
  assert.equal(
    code(() => edge.Bundle.fromCompiledSigned(form, null, [])),
    'unsigned',
  )
  assert.throws(() => edge.Bundle.fromCompiled('text'), TypeError)
})
