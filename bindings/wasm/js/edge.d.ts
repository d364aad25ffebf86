/**
 * The small build: decisions under compiled packs, their signatures, and the proofs of a ledger's
 * entries.
 *
 * @packageDocumentation
 */

export type * from './types.js'
export type { Ask, Json } from './surface.js'
import type { Bundle as Whole } from './surface.js'

/** A pack, loaded from its compiled form; there is no compiler here. */
export type Bundle = Whole
declare const Bundle: Pick<typeof Whole, 'fromCompiled' | 'fromCompiledSigned'>
export { Bundle }
export {
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
