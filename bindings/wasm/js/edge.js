// As web.js, with the small build.

import './dispose.js'
import { init } from './native.js'

export default (source = new URL('./edge_bg.wasm', import.meta.url)) => init(source)
export * from './surface.edge.js'
