// Workers that may not compile at run time get the module compiled, by importing it.

import module from './glasskey_bg.wasm'
import { initSync } from './web.js'

initSync(module)

export { default } from './web.js'
export * from './web.js'
