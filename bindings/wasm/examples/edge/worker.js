// A worker in front of a service. Its pack came over the network, so it decides under it only if a
// publisher that it knows has signed just these files. What it knows of the world comes with the
// request here; a worker of your own takes it from where your host keeps it.

import { Bundle, Facts, GlasskeyError, decide, verifyBundle } from './glasskey/edge.workerd.js'

let bundle

/** The pack, once its signature holds. */
function pack({ FILES, ENVELOPE, PUBLISHERS }) {
  if (bundle) return bundle
  const signed = verifyBundle(FILES, ENVELOPE, PUBLISHERS)
  const compiled = Bundle.compile(FILES)
  if (compiled.digest !== signed.bundle) throw new Error('the statement speaks of another bundle')
  return (bundle = compiled)
}

export default {
  async fetch(request, env) {
    const answer = (body, status) => Response.json(body, { status })
    try {
      const rules = pack(env)
      const { facts, ask, now } = await request.json()
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
