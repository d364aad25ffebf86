// The runners of the Node.js package, in a host without files: the vectors, the ledgers, the
// scenarios of every pack. Gives what failed, and one hash over all answers in their order.

import init from 'glasskey'
import { answered } from 'node:assert/strict'
import test from 'node:test'

export async function vectors(source) {
  await init(source)
  require('../node/conformance.test.js')
  const conformance = await test.runAll()
  const hash = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(answered.join('\n')))
  const hex = [...new Uint8Array(hash)].map((byte) => byte.toString(16).padStart(2, '0')).join('')
  require('../node/scenarios.test.js')
  return { ...(await test.runAll()), vectors: conformance.ran, answers: answered.length, hash: hex }
}
