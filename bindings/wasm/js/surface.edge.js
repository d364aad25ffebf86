// What the small build has: decisions, and the signatures of bundles.

export { initSync } from './native.js'
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
} from '../../node/index.js'
