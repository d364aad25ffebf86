// As node.js, for programs that `require` it.

import { readFileSync } from 'node:fs'
import './dispose.js'
import { initSync } from './surface.js'

initSync(readFileSync(`${__dirname}/glasskey_bg.wasm`))

export { init as default } from './native.js'
export * from './surface.js'
export { load, loadAsync } from '../../node/index.js'
