'use strict'
// Plain data into JSON text. `JSON.stringify` is the fastest way across, but it changes some
// values without a word (NaN to null, a Map to {}); those are refused first.

const { fault } = require('./errors.js')

const DEPTH_MAX = 64
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** JSON text of a value that JSON can hold. */
function text(value) {
  const found = refused(value, 0)
  if (found) throw fault(found.code, found.message, found.help, shown(found.path))
  return JSON.stringify(value)
}

/** A document: plain data, or JSON text as a string or bytes. */
function documentText(document) {
  if (typeof document === 'string') return document
  if (!(document instanceof Uint8Array)) return text(document)
  try {
    return decoder.decode(document)
  } catch {
    throw fault('bad_json', 'the text is not UTF-8', 'send UTF-8')
  }
}

/** Anything that JSON can hold, or JSON text given as bytes. */
function anyText(value) {
  return value instanceof Uint8Array ? documentText(value) : text(value)
}

/** The first value that JSON cannot hold, if any. */
function refused(value, depth) {
  switch (typeof value) {
    case 'string':
      return value.isWellFormed() ? undefined : half()
    case 'boolean':
      return undefined
    case 'number':
      return Number.isSafeInteger(value) ? undefined : number(value)
    case 'bigint':
      return number(value)
    case 'object':
      return value === null ? undefined : inside(value, depth)
    default:
      return stranger(typeof value)
  }
}

function inside(value, depth) {
  if (depth >= DEPTH_MAX) {
    const message = `nested deeper than ${DEPTH_MAX}`
    return { code: 'too_deep', message, help: 'flatten the document', path: [] }
  }
  if (Array.isArray(value)) {
    for (let i = 0; i < value.length; i++) {
      const found = refused(value[i], depth + 1)
      if (found) return below(found, i)
    }
    return undefined
  }
  const proto = Object.getPrototypeOf(value)
  if (proto !== Object.prototype && proto !== null) {
    if (value instanceof Date) return date(value)
    return typeof value.toJSON === 'function'
      ? refused(value.toJSON(), depth)
      : stranger(value.constructor?.name)
  }
  for (const name in value) {
    if (!name.isWellFormed()) return half()
    const member = value[name]
    if (member === undefined) continue
    const found = refused(member, depth + 1)
    if (found) return below(found, name)
  }
  return undefined
}

function below(found, name) {
  found.path.unshift(name)
  return found
}

function number(value) {
  return {
    code: 'bad_number',
    message: `\`${value}\` is not a whole number within ±(2^53-1)`,
    help: 'use a whole number, or a string for anything larger',
    path: [],
  }
}

function half() {
  const message = 'the text holds half a surrogate pair'
  return { code: 'bad_json', message, help: 'send valid Unicode', path: [] }
}

function date(value) {
  if (!Number.isNaN(value.getTime())) return undefined
  return {
    code: 'bad_instant',
    message: 'an invalid Date names no instant',
    help: 'check how it was made',
    path: [],
  }
}

function stranger(kind) {
  return {
    code: 'wrong_type',
    message: `${kind} has no place in a document`,
    help: 'give objects, arrays, strings, whole numbers, booleans, null or Date',
    path: [],
  }
}

/** A path as the core writes it: `scope[0].action`. */
function shown(path) {
  return path.reduce(
    (out, step) => (typeof step === 'number' ? `${out}[${step}]` : out ? `${out}.${step}` : step),
    '',
  )
}

module.exports = { anyText, documentText }
