// A worker in front of a service. Whoever comes shows a grant: the ledger's entry that began it, with the
// proof that a ledger which the worker knows holds it. The grant says who may do what until when; each
// request is decided again all the same, under a compiled pack that a publisher whom the worker knows has
// signed.
// What it knows of the world comes with the request here; a worker of your own takes it from where your
// host keeps it.

import { Bundle, Facts, GlasskeyError, decide, verifyProof } from './glasskey/edge.workerd.js'

let bundle

/** The pack, once its signature holds. */
function pack({ PACK, ENVELOPE, PUBLISHERS }) {
  return (bundle ??= Bundle.fromCompiledSigned(new Uint8Array(PACK), ENVELOPE, PUBLISHERS))
}

/** Why a grant does not let somebody do all that is asked; nothing, if it does. */
function outside({ entry, proof }, { LEDGERS }, { principal, scope }, now) {
  verifyProof(proof, entry, LEDGERS)
  const { event } = entry.body
  if (event?.type !== 'activated') return 'not_a_grant'
  const { grant } = event
  if (grant.principal !== principal) return 'grant_of_another'
  const held = ({ action, resource }) =>
    grant.scope.some((pair) => pair.action === action && pair.resource === resource)
  if (!scope.every(held)) return 'out_of_scope'
  return Date.parse(now) < Date.parse(grant.ends_at) ? undefined : 'grant_ended'
}

export default {
  async fetch(request, env) {
    const answer = (body, status) => Response.json(body, { status })
    try {
      const rules = pack(env)
      const { facts, ask, now, grant } = await request.json()
      const code = outside(grant, env, ask, now)
      if (code) return answer({ code }, 403)
      using world = new Facts(rules, facts)
      const decision = decide(rules, world, ask, now)
      return answer(decision, decision.decision === 'permit' ? 200 : 403)
    } catch (error) {
      // What cannot be decided is not permitted.
      if (error instanceof GlasskeyError) return answer({ code: error.code, help: error.help }, 400)
      return answer({ code: 'failed' }, 500)
    }
  },
}
