// Browsers, bundlers, Deno: the module is fetched from beside this file.

import './dispose.js'
import { init } from './native.js'

export default (source = new URL('./glasskey_bg.wasm', import.meta.url)) => init(source)
export * from './surface.js'
