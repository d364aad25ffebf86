'use strict'
// What the vectors are given, and the operations of more than one step.

const fs = require('node:fs')
const path = require('node:path')
const glasskey = require('glasskey')

const { Bundle, Facts, GlasskeyError, Ledger, Lifecycle } = glasskey
const folder = process.env.GLASSKEY_CONFORMANCE ?? path.join(__dirname, '../../conformance')
const read = (file) => JSON.parse(fs.readFileSync(path.join(folder, file), 'utf8'))
const vectors = fs
  .readdirSync(folder)
  .filter((f) => f.endsWith('.json'))
  .flatMap(read)

const bundle = (given) => Bundle.compile(files(given))

function files(given) {
  const pack = path.join(folder, 'packs', given.pack)
  const all = Object.fromEntries(fs.readdirSync(pack).map((f) => [f, fs.readFileSync(path.join(pack, f))]))
  for (const [name, content] of Object.entries(given.files ?? {})) {
    if (content === null) delete all[name]
    else all[name] = Array.isArray(content) ? Uint8Array.from(content) : content
  }
  return all
}

function facts(given, rules = bundle(given)) {
  if (typeof given.world === 'string') return new Facts(rules, given.world)
  const whole = Object.entries({ ...read(`worlds/${given.pack}.json`), ...given.world })
  return new Facts(rules, Object.fromEntries(whole.filter(([, member]) => member !== null)))
}

function observe(given, when) {
  const { facts: next, ignored } = facts(given).observeWithNotes(when.change, when.now)
  return { facts: summary(next), ignored }
}

const summary = (facts) => ({ observed_at: facts.observedAt, entity_count: facts.entityCount })
const asked = (given, when) => [bundle(given), facts(given), when.request, when.now]
const bytes = (text) => new TextEncoder().encode(text)

/** Applies commands, folds what they did, records it in a ledger, and reads the ledger back. */
function lived(given, when) {
  const bundles = [bundle(given)]
  const life = new Lifecycle(bundles[0], facts(given))
  const again = life.copy()
  const { ledger, entry } = Ledger.begin('example.com/pam', when.begin)
  const lines = [entry]
  const answers = when.steps.flatMap((step) => {
    try {
      if (step.forget) {
        life.forgetAnswers(step.at)
        return []
      }
      if (step.change_bundle) bundles.push(bundle(step.change_bundle))
      const applied = step.change_bundle
        ? life.changeBundle(step.command_id, bundles.at(-1), step.at)
        : life.apply(step.command, step.at)
      if (applied.seq > again.seq) {
        again.fold(applied, bundles.at(-1))
        lines.push(...ledger.record(applied))
      }
      return { ok: told(applied) }
    } catch (refused) {
      if (!(refused instanceof GlasskeyError)) throw refused
      return { error: refused.errors[0] }
    }
  })
  const written = lines.map((line) => glasskey.canonical(line) + '\n').join('')
  return {
    answers,
    seq: life.seq,
    next_change: life.nextChange(when.now) ?? null,
    requests: life.requests(),
    grants: life.grants(),
    folded: life.sameState(again),
    records: glasskey.records(written).length,
    differing: glasskey.replay(written, bundles),
    other: glasskey.counterfactual(written, bundles[0]),
    report: glasskey.verify(written),
    timeline: glasskey.digest(glasskey.timeline(written)),
    residual: glasskey.residual(written, when.now),
  }
}

function told(applied) {
  const reasons = applied.decision?.reasons.map(({ code }) => ({ code })) ?? null
  return { digest: glasskey.digest(applied), state: applied.state ?? null, reasons }
}

function applyAll(given, when) {
  const answers = new Lifecycle(bundle(given), facts(given)).applyAll(when.commands, when.now)
  const item = ({ ok, error }) => (ok ? { ok: glasskey.digest(ok) } : { error })
  return answers.map((answer) => ({ command_id: answer.command_id, item: item(answer) }))
}

function append(_, { origin, at, entries }) {
  const { ledger } = Ledger.begin(origin, at)
  for (const { kind, body, at } of entries)
    ledger.append(kind, typeof body === 'string' ? bytes(body) : body, at)
  return { state: ledger.state, root: ledger.root, checkpoint: ledger.checkpoint() }
}

function signed(given, { envelope, keys }) {
  const { digest, signedBy } = Bundle.compileSigned(files(given), envelope && JSON.stringify(envelope), keys)
  return { digest, signed_by: signedBy }
}

function compiled(given, { request, now }) {
  const form = bundle(given).toCompiled()
  const loaded = Bundle.fromCompiled(form)
  const decision = glasskey.decide(loaded, facts(given, loaded), request, now)
  return { form: glasskey.digest(Array.from(form)), decision }
}

function loadedSigned(_, { bytes, envelope, keys }) {
  const signed = envelope && JSON.stringify(envelope)
  const { digest, signedBy } = Bundle.fromCompiledSigned(Uint8Array.from(bytes), signed, keys)
  return { digest, signed_by: signedBy }
}

module.exports = {
  append,
  applyAll,
  asked,
  bundle,
  bytes,
  compiled,
  facts,
  files,
  lived,
  loadedSigned,
  observe,
  signed,
  summary,
  vectors,
}
