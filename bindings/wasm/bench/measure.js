// Medians, ours beside @cedar-policy/cedar-wasm in one run; in Node.js and in a page alike.

import { MANIFEST, SCHEMA, call, entities, facts, now, policies, request } from './world.js'

/** Microseconds of one call, as a median of batches. */
function median(act) {
  const batch = (calls) => {
    const began = performance.now()
    for (let i = 0; i < calls; i++) act()
    return performance.now() - began
  }
  let calls = 1
  while (batch(calls) < 5) calls *= 2
  const times = Array.from({ length: 41 }, () => (batch(calls) / calls) * 1000)
  return times.sort((a, b) => a - b)[20]
}

/** Decisions on 10, 100 and 1,000 policies. */
export function decisions(glasskey, cedar) {
  return [10, 100, 1000].map((count) => {
    const bundle = glasskey.Bundle.compile({
      'bundle.toml': MANIFEST,
      'pam.cedarschema': SCHEMA,
      'pam.cedar': policies(count),
    })
    const world = new glasskey.Facts(bundle, facts)
    const ask = new glasskey.Request(request)
    const said = cedar.preparsePolicySet(`p${count}`, { staticPolicies: policies(count) })
    if (said.type !== 'success') throw new Error(JSON.stringify(said))
    // Without a schema, by which it would read the entities and the request once more.
    const theirs = { ...call, entities, preparsedPolicySetId: `p${count}` }
    const answered = cedar.statefulIsAuthorized(theirs)
    if (answered.response?.decision !== 'allow') throw new Error(JSON.stringify(answered))
    if (glasskey.answer(bundle, world, ask, now).decision !== 'permit') throw new Error('not permitted')
    return {
      policies: count,
      answer: median(() => glasskey.answer(bundle, world, ask, now)),
      decide: median(() => glasskey.decide(bundle, world, ask, now)),
      cedar: median(() => cedar.statefulIsAuthorized(theirs)),
    }
  })
}

/** Milliseconds from the bytes of a module to the first answer under a pack that is loaded with it. */
export async function loading(modules, times = 15) {
  const rows = []
  for (const [name, load] of Object.entries(modules)) {
    const taken = []
    for (let i = 0; i < times; i++) {
      const began = performance.now()
      const pack = await load()
      const loaded = performance.now()
      pack()
      taken.push([loaded - began, performance.now() - loaded])
    }
    const middle = (index) => taken.map((pair) => pair[index]).sort((a, b) => a - b)[Math.floor(times / 2)]
    const sum = taken.map(([a, b]) => a + b).sort((a, b) => a - b)[Math.floor(times / 2)]
    rows.push({ name, instantiate: middle(0), pack: middle(1), both: sum })
  }
  return rows
}
