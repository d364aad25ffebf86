// As node.js, with the small build.

import { readFileSync } from 'node:fs'
import './dispose.js'
import { initSync } from './surface.edge.js'

initSync(readFileSync(new URL('./edge_bg.wasm', import.meta.url)))

export { init as default } from './native.js'
export * from './surface.edge.js'
