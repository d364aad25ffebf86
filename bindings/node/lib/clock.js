'use strict'

const addon = require('../native.js')
const { fault, native } = require('./errors.js')

/** Milliseconds since 1970: of a Date, of RFC 3339 text, or of the system's clock. */
function ms(now) {
  if (now === undefined) return Date.now()
  if (typeof now === 'string') return native(addon.instant, now)
  if (!(now instanceof Date)) {
    throw fault('wrong_type', `a ${typeof now} is no instant`, 'give a Date, RFC 3339 text or nothing')
  }
  const time = now.getTime()
  if (Number.isNaN(time))
    throw fault('bad_instant', 'an invalid Date names no instant', 'check how it was made')
  return time
}

module.exports = { ms }
