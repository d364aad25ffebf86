// What a program that requires the module may write.

import glasskey = require('glasskey-wasm')

export function digest(): string {
  using bundle = glasskey.load('policies/starter')
  const decision: glasskey.Decision | undefined = undefined
  return bundle.digest + String(decision)
}
