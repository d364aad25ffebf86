// The module in the place of the addon for Node.js: the same names, the same arguments, the same
// errors, for ../../node/index.js and what it is made of.

import load, { initSync as loadSync } from 'glasskey-module'
import * as wasm from 'glasskey-module'

/** How many decisions of a batch are made before the page, or the loop, has its turn. */
const TURN = 128

let loading
let ready = false

/** Loads the module. Calling it again is free. */
export function init(source) {
  if (ready) return Promise.resolve()
  loading ??= Promise.resolve(source)
    .then((module_or_path) => load({ module_or_path }))
    .then(() => void (ready = true))
    .catch((failed) => {
      loading = undefined
      throw failed
    })
  return loading
}

/** As `init`, with the module's bytes, or the module, at hand. */
export function initSync(module) {
  if (!ready) loadSync({ module })
  ready = true
}

function loaded() {
  if (!ready) throw new Error('glasskey-wasm is not loaded yet: `await init()` comes first')
  return wasm
}

/** What the glue says of arguments of another kind, as the addon says it. */
function called(call) {
  try {
    return call(loaded())
  } catch (error) {
    if (error instanceof Error && /^expected (a |an |instance|array)/.test(error.message))
      throw wrongKind(error)
    throw error
  }
}

function wrongKind(cause) {
  return Object.assign(new Error('an argument is of another kind', { cause }), { code: 'InvalidArg' })
}

function sources(files) {
  return files.reduce((all, { name, content }) => {
    if (typeof content === 'string') return all.withText(name, content)
    if (content instanceof Uint8Array) return all.withBytes(name, content)
    throw wrongKind()
  }, new (loaded().Sources)())
}

function withSources(files, use) {
  const all = sources(files)
  try {
    return use(all)
  } finally {
    all.free()
  }
}

/** A class of the module, made in another way. */
function like(name, statics) {
  return { ...statics, [Symbol.hasInstance]: (other) => ready && other instanceof wasm[name] }
}

/** What takes Cedar's parser, which the small build does not have. */
function compiling(files, method, ...words) {
  if (!loaded().Sources.prototype[method])
    throw new Error(
      'glasskey-wasm/edge has no compiler: Bundle.fromCompiled loads what `glasskey bundle compile` wrote',
    )
  return withSources(files, (all) => called(() => all[method](...words)))
}

export const Bundle = like('Bundle', {
  compile: (files) => compiling(files, 'compile'),
  compileSigned: (files, envelope, keys) => compiling(files, 'compileSigned', envelope, keys),
  missingBase: (files) => compiling(files, 'missingBase'),
  compileAsync: async (files) => compiling(files, 'compile'),
  fromCompiled: (bytes) => called((wasm) => wasm.Bundle.fromCompiled(form(bytes))),
  fromCompiledSigned: (bytes, envelope, keys) =>
    called((wasm) => wasm.Bundle.fromCompiledSigned(form(bytes), envelope, keys)),
})

/** The bytes of a compiled pack; the glue would take whatever has a length. */
function form(bytes) {
  if (!(bytes instanceof Uint8Array)) throw wrongKind()
  return bytes
}

export const Facts = constructor('Facts')
export const Request = constructor('Ask')
export const Lifecycle = constructor('Lifecycle')

function constructor(name) {
  return class {
    constructor(...words) {
      return called((wasm) => new wasm[name](...words))
    }

    static [Symbol.hasInstance](other) {
      return ready && wasm[name] !== undefined && other instanceof wasm[name]
    }
  }
}

if (wasm.Lifecycle) {
  wasm.Lifecycle.prototype.fold = function (applied, bundle) {
    return bundle ? this.foldWith(applied, bundle) : this.foldAlone(applied)
  }
}

export const Ledger = like('Ledger', {
  begin: (origin, at) => called((wasm) => wasm.Ledger.begin(origin, at)),
  open: (first) => called((wasm) => wasm.Ledger.open(first)),
  fromState: (state) => called((wasm) => wasm.Ledger.fromState(state)),
})

/** A question about a request that is prepared, or JSON text. */
function about(question) {
  return (bundle, facts, ask, now) =>
    called((wasm) => {
      if (typeof ask !== 'string') return wasm[question](bundle, facts, ask, now)
      const request = new wasm.Ask(ask)
      try {
        return wasm[question](bundle, facts, request, now)
      } finally {
        request.free()
      }
    })
}

export const decide = about('decide')
export const decideJson = about('decideJson')
export const answer = about('answer')
export const decideWithReasons = about('decideWithReasons')
export const decideWithEvidence = about('decideWithEvidence')
export const explain = about('explain')
export const whoCan = about('whoCan')
export const whatCan = about('whatCan')

export async function decideMany(bundle, facts, asks, now) {
  const items = []
  for (const [index, ask] of asks.entries()) {
    if (index % TURN === 0) await new Promise((resume) => setTimeout(resume))
    items.push(item(bundle, facts, ask, now))
  }
  return `[${items.join()}]`
}

function item(bundle, facts, ask, now) {
  try {
    return `{"ok":${decide(bundle, facts, ask, now)}}`
  } catch (error) {
    if (!error.message?.startsWith('{"errors":')) throw error
    return JSON.stringify({ error: JSON.parse(error.message).errors[0] })
  }
}

/** A function of the module under its own name. */
function plain(name) {
  return (...words) => called((wasm) => wasm[name](...words))
}

export const decideAgain = plain('decideAgain')
export const canonical = plain('canonical')
export const digest = plain('digest')
export const instant = plain('instant')
export const report = plain('report')
export const catalogue = plain('catalogue')
export const verifyProof = plain('verifyProof')
export const prove = plain('prove')
export const signNote = plain('signNote')
export const redact = plain('redact')
export const disclose = plain('disclose')
export const timeline = plain('timeline')
export const residual = plain('residual')
export const records = plain('records')
export const counterfactual = plain('counterfactual')

export function verifyBundle(files, envelope, keys) {
  return withSources(files, (all) => called(() => all.verify(envelope, keys)))
}

export function verify(chunks, checkpoints, keys, resume) {
  return called(({ Verifying }) => {
    const reading = resume ? Verifying.resume(resume, checkpoints, keys) : Verifying.begin(checkpoints, keys)
    // The first fault stands in the report.
    chunks.every((chunk) => reading.feed(chunk))
    return reading.finish()
  })
}

export function replay(ledger, bundles) {
  return called((wasm) => {
    const all = new wasm.Bundles()
    try {
      for (const bundle of bundles) all.push(bundle)
      return wasm.replay(ledger, all)
    } finally {
      all.free()
    }
  })
}
