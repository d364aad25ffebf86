'use strict'

const addon = require('../native.js')

class GlasskeyError extends Error {
  constructor(errors, report) {
    const [first] = errors
    super(first.message)
    this.name = 'GlasskeyError'
    this.code = first.code
    this.help = first.help
    this.path = first.path
    this.labels = first.labels
    Object.defineProperty(this, 'errors', { value: errors })
    Object.defineProperty(this, 'report', { value: report })
    // What an uncaught error prints: every place in the source, and what to do next.
    const frames = this.stack.slice(this.stack.indexOf('\n    at '))
    Object.defineProperty(this, 'stack', { value: `GlasskeyError: ${report}${frames}` })
  }
}

/** A fault that this side of the border found. */
function fault(code, message, help, path) {
  const errors = [{ code, message, help, ...(path && { path }), labels: [] }]
  return new GlasskeyError(errors, addon.report(JSON.stringify(errors)))
}

/** What the addon throws, as the error that people see. */
function made(error) {
  if (error?.code === 'InvalidArg') return new TypeError('an argument is of another kind', { cause: error })
  if (!(error instanceof Error) || !error.message.startsWith('{"errors":')) return error
  const { errors, report } = JSON.parse(error.message)
  return new GlasskeyError(errors, report)
}

/** Calls the addon. */
function native(call, a, b, c, d) {
  try {
    return call(a, b, c, d)
  } catch (error) {
    throw made(error)
  }
}

/** Calls the addon and awaits what it promises. */
async function nativeAsync(call, a, b, c, d) {
  try {
    return await call(a, b, c, d)
  } catch (error) {
    throw made(error)
  }
}

module.exports = { GlasskeyError, fault, native, nativeAsync }
