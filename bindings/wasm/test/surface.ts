// What a program in TypeScript may write for the module alone.

import init, { Bundle, Facts, decide, initSync, load } from 'glasskey-wasm'
import type { Decision, RequestDocument } from 'glasskey-wasm'
import { Bundle as EdgeBundle, verifyBundle } from 'glasskey-wasm/edge'

export async function page(ask: RequestDocument): Promise<Decision> {
  await init()
  await init(fetch('/glasskey_bg.wasm', { integrity: 'sha384-…' }))
  initSync(new Uint8Array())
  using bundle = Bundle.compile({ 'bundle.toml': '' })
  using facts = new Facts(bundle, '{}')
  facts.free()
  // @ts-expect-error a promise is no bundle
  decide(init(), facts, ask)
  return decide(bundle, facts, ask, '2026-03-01T02:05:05Z')
}

export function worker(): string {
  // @ts-expect-error the small build has no lifecycle
  type _Missing = import('glasskey-wasm/edge').Lifecycle
  verifyBundle({}, '{}', [])
  // @ts-expect-error the small build has no compiler
  type _None = typeof EdgeBundle.compile
  const whole: Bundle = EdgeBundle.fromCompiledSigned(new Uint8Array(), '{}', ['key'])
  return EdgeBundle.fromCompiled(whole.toCompiled()).digest + load('policies/starter').digest
}
