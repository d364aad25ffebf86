/**
 * The small build: decisions, and the signatures of bundles.
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
} from './surface.js'
export { default, initSync } from './init.js'
