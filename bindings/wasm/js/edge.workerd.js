// As workerd.js, with the small build.

import module from './edge_bg.wasm'
import { initSync } from './edge.js'

initSync(module)

export { default } from './edge.js'
export * from './edge.js'
