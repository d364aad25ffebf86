/**
 * Glasskey decides, in the browser, in a worker or wherever else WebAssembly runs, whether somebody
 * may hold emergency or just-in-time privilege now, for exactly how long and on which conditions.
 *
 * The surface, the bytes and the errors are those of the Node.js package. `await init()` comes
 * first; where the module is at hand at once (Node.js, workerd) it is loaded already, and `init`
 * has nothing to do. Handles are freed by `using`, by `free`, or when they are forgotten.
 *
 * @packageDocumentation
 */

export type * from './surface.js'
export {
  Access,
  AccessRefused,
  ApprovalsMissing,
  Bundle,
  Desk,
  Facts,
  GlasskeyError,
  Ledger,
  Lifecycle,
  Pending,
  Request,
  answer,
  canonical,
  catalogue,
  counterfactual,
  decide,
  decideAgain,
  decideJson,
  decideMany,
  decideWithEvidence,
  decideWithReasons,
  digest,
  disclose,
  explain,
  prove,
  records,
  redact,
  replay,
  residual,
  signNote,
  timeline,
  verify,
  verifyBundle,
  verifyProof,
  whatCan,
  whoCan,
} from './surface.js'
export { default, initSync } from './init.js'
