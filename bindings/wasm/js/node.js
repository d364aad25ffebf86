// Node.js: the module is read at once from beside this file, and `init` has nothing left to do.

import { readFileSync } from 'node:fs'
import './dispose.js'
import { initSync } from './surface.js'

initSync(readFileSync(new URL('./glasskey_bg.wasm', import.meta.url)))

export { init as default } from './native.js'
export * from './surface.js'
export { load, loadAsync } from '../../node/index.js'
