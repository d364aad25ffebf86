'use strict'
// Ledgers: written, verified, read. Every member is documented in ../index.d.ts.

const native = require('../native.js')
const { native: calling } = require('./errors.js')
const { anyText, documentText } = require('./json.js')
const { ms } = require('./clock.js')

class Ledger {
  /** @internal */
  _native

  constructor(handle) {
    if (!(handle instanceof native.Ledger))
      throw new TypeError('a ledger is made by Ledger.begin or Ledger.open')
    this._native = handle
  }

  static begin(origin, at) {
    return begun(calling((o, t) => native.Ledger.begin(o, t), origin, ms(at)))
  }

  static open(first) {
    return new Ledger(calling((f) => native.Ledger.open(f), documentText(first)))
  }

  static fromState(state) {
    return new Ledger(calling((s) => native.Ledger.fromState(s), documentText(state)))
  }

  continueAs(origin, at) {
    return begun(calling((o, t) => this._native.continueAs(o, t), origin, ms(at)))
  }

  append(kind, body, at) {
    return JSON.parse(calling((k, b, t) => this._native.append(k, b, t), kind, anyText(body), ms(at)))
  }

  record(applied) {
    return JSON.parse(calling((a) => this._native.record(a), documentText(applied)))
  }

  push(entry) {
    calling((e) => this._native.push(e), documentText(entry))
  }

  notBefore(now) {
    return calling((at) => this._native.notBefore(at), ms(now))
  }

  get origin() {
    return this._native.origin
  }

  get size() {
    return this._native.size
  }

  get head() {
    return this._native.head
  }

  get root() {
    return this._native.root
  }

  get lastAt() {
    return this._native.lastAt
  }

  get state() {
    return JSON.parse(this._native.state)
  }

  checkpoint() {
    return this._native.checkpoint()
  }

  copy() {
    return new Ledger(this._native.copy())
  }

  [Symbol.for('nodejs.util.inspect.custom')]() {
    return `Ledger<${this.origin}: ${this.size} entries, ${this.head.slice(0, 15)}…>`
  }
}

function begun(native) {
  return { ledger: new Ledger(native.ledger), entry: JSON.parse(native.entry) }
}

function verify(ledger, { checkpoints = [], keys = [], resume } = {}) {
  const chunks =
    typeof ledger === 'string' || ledger instanceof Uint8Array ? [ledgerBytes(ledger)] : Array.from(ledger)
  const read = () => native.verify(chunks, checkpoints, keys, resume?._native)
  return JSON.parse(calling(read))
}

function verifyProof(proof, entry, keys) {
  return JSON.parse(calling(native.verifyProof, proof, documentText(entry), keys))
}

function prove(ledger, index, checkpoint) {
  return calling(native.prove, ledgerBytes(ledger), index, checkpoint)
}

function signNote(note, key, signature) {
  return calling(native.signNote, note, key, signature)
}

function redact(body, paths, seed) {
  return JSON.parse(calling(native.redact, anyText(body), paths, seed))
}

function disclose(body, disclosures) {
  return JSON.parse(calling(native.disclose, anyText(body), documentText(disclosures)))
}

function records(ledger) {
  return JSON.parse(calling(native.records, ledgerBytes(ledger)))
}

function replay(ledger, bundles) {
  const handles = Array.from(bundles, (bundle) => bundle._native)
  return JSON.parse(calling(native.replay, ledgerBytes(ledger), handles))
}

function timeline(ledger, { incident, asOf } = {}) {
  const at = asOf === undefined ? undefined : ms(asOf)
  return JSON.parse(calling(native.timeline, ledgerBytes(ledger), incident, at))
}

function residual(ledger, now) {
  return JSON.parse(calling(native.residual, ledgerBytes(ledger), ms(now)))
}

function counterfactual(ledger, bundle) {
  return JSON.parse(calling(native.counterfactual, ledgerBytes(ledger), bundle._native))
}

function ledgerBytes(ledger) {
  return typeof ledger === 'string' ? new TextEncoder().encode(ledger) : ledger
}

module.exports = {
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
}
