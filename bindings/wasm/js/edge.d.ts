/**
 * The small build: decisions, the signatures of bundles, and the proofs of a ledger's entries.
 *
 * @packageDocumentation
 */

export type * from './types.js'
export type { Ask, Json } from './surface.js'
export {
  Bundle,
  Facts,
  GlasskeyError,
  Request,
  answer,
  canonical,
  catalogue,
  decide,
  decideJson,
  decideMany,
  decideWithEvidence,
  decideWithReasons,
  digest,
  verifyBundle,
  verifyProof,
} from './surface.js'
export { default, initSync } from './init.js'
