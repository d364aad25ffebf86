'use strict'
// What people see of Glasskey in Node.js; every member is documented in index.d.ts.

const native = require('./native.js')
const { GlasskeyError, native: calling, nativeAsync: awaiting } = require('./lib/errors.js')
const { anyText, documentText } = require('./lib/json.js')
const { ms } = require('./lib/clock.js')
const { read, readAsync } = require('./lib/pack.js')
const { Access, AccessRefused, ApprovalsMissing, Desk, Pending } = require('./lib/desk.js')
const {
  Ledger,
  counterfactual,
  disclose,
  prove,
  records,
  redact,
  replay,
  residual,
  signNote,
  timeline,
  verify,
  verifyProof,
} = require('./lib/ledger.js')

/** How many requests of a batch cross at once; between two chunks the event loop runs. */
const CHUNK = 512

class Bundle {
  /** @internal */
  _native

  constructor(handle) {
    if (!(handle instanceof native.Bundle)) throw new TypeError('a bundle is made by Bundle.compile or load')
    this._native = handle
  }

  static compile(files) {
    return new Bundle(calling((f) => native.Bundle.compile(f), sources(files)))
  }

  static async compileAsync(files) {
    return new Bundle(await awaiting((f) => native.Bundle.compileAsync(f), sources(files)))
  }

  static compileSigned(files, envelope, keys) {
    const signed = envelope == null ? undefined : documentText(envelope)
    return new Bundle(
      calling((f, e, k) => native.Bundle.compileSigned(f, e, k), sources(files), signed, keys),
    )
  }

  static fromCompiled(bytes) {
    return new Bundle(calling((b) => native.Bundle.fromCompiled(b), bytes))
  }

  static fromCompiledSigned(bytes, envelope, keys) {
    const signed = envelope == null ? undefined : documentText(envelope)
    return new Bundle(calling((b, e, k) => native.Bundle.fromCompiledSigned(b, e, k), bytes, signed, keys))
  }

  toCompiled() {
    return calling(() => this._native.toCompiled())
  }

  static missingBase(files) {
    return calling((f) => native.Bundle.missingBase(f), sources(files)) ?? null
  }

  get digest() {
    return this._native.digest
  }

  get signedBy() {
    return this._native.signedBy
  }

  get name() {
    return this._native.name
  }

  get version() {
    return this._native.version
  }

  get schema() {
    return this._native.schema
  }

  outline() {
    return JSON.parse(this._native.outline())
  }

  equals(other) {
    return other instanceof Bundle && other.digest === this.digest
  }

  [Symbol.for('nodejs.util.inspect.custom')]() {
    const { rules, guards } = this.outline()
    const counts = `${rules.length} rules, ${guards.length} guards`
    return `Bundle<${this.name} ${this.version}: ${counts}, ${this.digest.slice(0, 15)}…>`
  }
}

class Facts {
  /** @internal */
  _native

  constructor(bundle, snapshot) {
    this._native =
      snapshot instanceof native.Facts
        ? snapshot
        : calling((b, s) => new native.Facts(b, s), bundle._native, documentText(snapshot))
  }

  observe(change, now) {
    return this.observeWithNotes(change, now).facts
  }

  observeWithNotes(change, now) {
    const next = calling((c, at) => this._native.observe(c, at), documentText(change), ms(now))
    return { facts: new Facts(null, next), ignored: JSON.parse(next.ignored) }
  }

  rebind(bundle) {
    return new Facts(
      null,
      calling((b) => this._native.rebind(b), bundle._native),
    )
  }

  get observedAt() {
    return this._native.observedAt
  }

  get entityCount() {
    return this._native.entityCount
  }

  [Symbol.for('nodejs.util.inspect.custom')]() {
    return `Facts<${this.entityCount} entities, observed ${this.observedAt}>`
  }
}

class Request {
  /** @internal */
  _native

  constructor(request) {
    this._native = calling((r) => new native.Request(r), documentText(request))
  }

  toJSON() {
    return JSON.parse(this._native.text())
  }
}

class Lifecycle {
  /** @internal */
  _native

  constructor(bundle, facts) {
    this._native =
      bundle instanceof native.Lifecycle
        ? bundle
        : calling((b, f) => new native.Lifecycle(b, f), bundle._native, facts._native)
  }

  apply(command, now) {
    return JSON.parse(calling((c, at) => this._native.apply(c, at), documentText(command), ms(now)))
  }

  applyAll(commands, now) {
    const texts = Array.from(commands, documentText)
    return JSON.parse(calling((c, at) => this._native.applyAll(c, at), texts, ms(now)))
  }

  changeBundle(commandId, bundle, now) {
    const change = (id, b, at) => this._native.changeBundle(id, b, at)
    return JSON.parse(calling(change, commandId, bundle._native, ms(now)))
  }

  fold(applied, bundle) {
    calling((a, b) => this._native.fold(a, b), documentText(applied), bundle?._native)
  }

  forgetAnswers(before) {
    calling((at) => this._native.forgetAnswers(at), ms(before))
  }

  nextChange(now) {
    return calling((at) => this._native.nextChange(at), ms(now)) ?? undefined
  }

  get seq() {
    return this._native.seq
  }

  get facts() {
    return new Facts(null, this._native.facts)
  }

  get bundle() {
    return new Bundle(this._native.bundle)
  }

  request(id) {
    return parsed(this._native.request(id))
  }

  grant(id) {
    return parsed(this._native.grant(id))
  }

  extension(id) {
    return parsed(this._native.extension(id))
  }

  requests() {
    return JSON.parse(this._native.requests())
  }

  grants() {
    return JSON.parse(this._native.grants())
  }

  sameState(other) {
    return calling((o) => this._native.sameState(o), other._native)
  }

  copy() {
    return new Lifecycle(this._native.copy())
  }

  [Symbol.for('nodejs.util.inspect.custom')]() {
    return `Lifecycle<at ${this.seq}: ${this.requests().length} requests, ${this.grants().length} grants>`
  }
}

function parsed(json) {
  return json == null ? undefined : JSON.parse(json)
}

function verifyBundle(files, envelope, keys) {
  return JSON.parse(calling(native.verifyBundle, sources(files), documentText(envelope), keys))
}

function load(pack) {
  return Bundle.compile(read(pack, Bundle.missingBase))
}

async function loadAsync(pack) {
  return Bundle.compileAsync(await readAsync(pack, Bundle.missingBase))
}

function sources(files) {
  return Object.entries(files).map(([name, content]) => ({ name, content }))
}

/** A request as it crosses: a prepared one, or JSON text. */
function ask(request) {
  return request instanceof Request ? request._native : documentText(request)
}

function decide(bundle, facts, request, now) {
  return JSON.parse(calling(native.decide, bundle._native, facts._native, ask(request), ms(now)))
}

function answer(bundle, facts, request, now) {
  return JSON.parse(calling(native.answer, bundle._native, facts._native, ask(request), ms(now)))
}

function decideWithReasons(bundle, facts, request, now) {
  return JSON.parse(calling(native.decideWithReasons, bundle._native, facts._native, ask(request), ms(now)))
}

function whoCan(bundle, facts, request, now) {
  return JSON.parse(calling(native.whoCan, bundle._native, facts._native, ask(request), ms(now)))
}

function whatCan(bundle, facts, request, now) {
  return JSON.parse(calling(native.whatCan, bundle._native, facts._native, ask(request), ms(now)))
}

function decideJson(bundle, facts, request, now) {
  return calling(native.decideJson, bundle._native, facts._native, ask(request), ms(now))
}

function explain(bundle, facts, request, now) {
  return JSON.parse(calling(native.explain, bundle._native, facts._native, ask(request), ms(now)))
}

function decideWithEvidence(bundle, facts, request, now) {
  return JSON.parse(calling(native.decideWithEvidence, bundle._native, facts._native, ask(request), ms(now)))
}

function decideAgain(bundle, evidence) {
  return JSON.parse(calling(native.decideAgain, bundle._native, documentText(evidence)))
}

async function decideMany(bundle, facts, requests, now, options = {}) {
  const at = ms(now)
  const answers = []
  const all = Array.from(requests)
  const begin = (from) => {
    const chunk =
      from < all.length ? decideChunk(bundle, facts, all.slice(from, from + CHUNK), at) : undefined
    // It is waited for in its turn, unless the batch ends before.
    chunk?.catch(() => {})
    return chunk
  }
  options.signal?.throwIfAborted()
  let ahead = begin(0)
  for (let from = 0; from < all.length; from += CHUNK) {
    options.signal?.throwIfAborted()
    const { text, refused } = await ahead
    // The next one is decided while this one is read.
    ahead = begin(from + CHUNK)
    const chunk = JSON.parse(text)
    for (const [index, error] of refused) chunk[index] = { error: error.errors[0] }
    answers.push(...chunk)
  }
  return answers
}

async function decideChunk(bundle, facts, requests, at) {
  const refused = new Map()
  const asks = requests.map((request, index) => {
    try {
      return ask(request)
    } catch (error) {
      if (!(error instanceof GlasskeyError)) throw error
      refused.set(index, error)
      return ''
    }
  })
  return { text: await awaiting(native.decideMany, bundle._native, facts._native, asks, at), refused }
}

function canonical(document) {
  return calling(native.canonical, anyText(document))
}

function digest(document) {
  return calling(native.digest, anyText(document))
}

function catalogue() {
  return JSON.parse(native.catalogue())
}

module.exports = {
  Access,
  AccessRefused,
  ApprovalsMissing,
  Bundle,
  Desk,
  Facts,
  GlasskeyError,
  Ledger,
  Lifecycle,
  Pending,
  Request,
  answer,
  canonical,
  catalogue,
  counterfactual,
  decide,
  decideAgain,
  decideJson,
  decideMany,
  decideWithEvidence,
  decideWithReasons,
  digest,
  disclose,
  explain,
  load,
  loadAsync,
  prove,
  records,
  redact,
  replay,
  residual,
  signNote,
  timeline,
  verify,
  verifyBundle,
  verifyProof,
  whatCan,
  whoCan,
}
