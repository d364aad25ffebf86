// Memory of a module is not seen by the garbage collector of its host. A handle that is forgotten
// is freed all the same, some day, by a `FinalizationRegistry`; `using` and `free` do it now.

import { Bundle, Facts, Ledger, Lifecycle, Request } from '../../node/index.js'

/** Older hosts have no symbol; what compiles `using` for them looks for this one. */
const DISPOSE = Symbol.dispose ?? Symbol.for('Symbol.dispose')

for (const handle of [Bundle, Facts, Ledger, Lifecycle, Request]) {
  handle.prototype.free = function () {
    const { _native } = this
    this._native = undefined
    _native?.free()
  }
  handle.prototype[DISPOSE] = handle.prototype.free
}
