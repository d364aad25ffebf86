// node run.mjs PACKAGE: `cargo xtask wasm-bench` builds the package and calls this.

import { createRequire } from 'node:module'
import { readFileSync, readdirSync } from 'node:fs'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import { chromium } from 'playwright-core'
import { serve } from '../test/host/serve.js'
import { decisions, loading } from './measure.js'

const folder = path.resolve(process.argv[2])
const here = import.meta.dirname
const peer = path.join(here, 'node_modules/@cedar-policy/cedar-wasm')
const starter = path.join(here, '../../../policies/starter')
const pack = Object.fromEntries(
  readdirSync(starter)
    .filter((file) => /^bundle\.toml$|\.cedar(schema)?$/.test(file))
    .map((file) => [file, readFileSync(path.join(starter, file), 'utf8')]),
)
const policies = Object.entries(pack)
  .filter(([file]) => file.endsWith('.cedar'))
  .map(([, text]) => text)
  .join('\n')

function decided(place, rows) {
  console.log(`\nmicroseconds for one decision in ${place} (five candidates, twelve guardrails)`)
  console.log('policies     answer     decide      Cedar  Cedar/answer')
  for (const { policies, answer, decide, cedar } of rows) {
    const cells = [answer, decide, cedar].map((us) => us.toFixed(1).padStart(10))
    console.log(String(policies).padStart(8), ...cells, (cedar / answer).toFixed(1).padStart(12))
  }
}

function loaded(place, rows) {
  console.log(`\nmilliseconds to load in ${place}, the module's bytes at hand`)
  console.log('build             instantiate   starter pack           both')
  for (const { name, instantiate, pack, both } of rows)
    console.log(name.padEnd(14), ...[instantiate, pack, both].map((ms) => ms.toFixed(1).padStart(14)))
}

const fresh = (file) => import(`${pathToFileURL(file)}?${Math.random()}`)
const inNode = (script, module, load) => {
  const bytes = readFileSync(path.join(folder, module))
  return async () => {
    const glasskey = await fresh(path.join(folder, script))
    await glasskey.default(bytes)
    return () => load(glasskey.Bundle)
  }
}
const peerBytes = readFileSync(path.join(peer, 'web/cedar_wasm_bg.wasm'))

const glasskey = await import(pathToFileURL(path.join(folder, 'node.js')))
const cedar = createRequire(import.meta.url)(path.join(peer, 'nodejs/cedar_wasm.js'))
const form = glasskey.Bundle.compile(pack).toCompiled()
decided(`Node.js ${process.versions.node}`, decisions(glasskey, cedar))
loaded(
  'Node.js',
  await loading({
    full: inNode('web.js', 'glasskey_bg.wasm', (Bundle) => Bundle.compile(pack)),
    'full, compiled': inNode('web.js', 'glasskey_bg.wasm', (Bundle) => Bundle.fromCompiled(form)),
    edge: inNode('edge.js', 'edge_bg.wasm', (Bundle) => Bundle.fromCompiled(form)),
    'cedar-wasm': async () => {
      const web = await fresh(path.join(peer, 'web/cedar_wasm.js'))
      web.initSync({ module: peerBytes })
      return () => web.preparsePolicySet('starter', { staticPolicies: policies })
    },
  }),
)

const site = await serve({ package: folder, peer, bench: here, blank: '<!doctype html><title>bench</title>' })
const browser = await chromium.launch({
  executablePath: process.env.GLASSKEY_CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--disable-background-networking'],
})
const page = await browser.newPage()
await page.goto(`${site.at}/blank/`)
const rows = await page.evaluate(
  async ({ pack, policies, form }) => {
    const { decisions, loading } = await import('/bench/measure.js')
    const glasskey = await import('/package/web.js')
    const cedar = await import('/peer/web/cedar_wasm.js')
    await glasskey.default()
    await cedar.default()
    const bytes = async (url) => (await fetch(url)).arrayBuffer()
    const compiled = Uint8Array.from(form)
    const ours = async (script, module, load) => {
      const buffer = await bytes(`/package/${module}`)
      return async () => {
        const fresh = await import(`/package/${script}?${Math.random()}`)
        await fresh.default(buffer)
        return () => load(fresh.Bundle)
      }
    }
    const theirs = await bytes('/peer/web/cedar_wasm_bg.wasm')
    return {
      decisions: decisions(glasskey, cedar),
      loading: await loading({
        full: await ours('web.js', 'glasskey_bg.wasm', (Bundle) => Bundle.compile(pack)),
        'full, compiled': await ours('web.js', 'glasskey_bg.wasm', (Bundle) => Bundle.fromCompiled(compiled)),
        edge: await ours('edge.js', 'edge_bg.wasm', (Bundle) => Bundle.fromCompiled(compiled)),
        'cedar-wasm': async () => {
          const fresh = await import(`/peer/web/cedar_wasm.js?${Math.random()}`)
          await fresh.default({ module_or_path: theirs })
          return () => fresh.preparsePolicySet('starter', { staticPolicies: policies })
        },
      }),
    }
  },
  { pack, policies, form: Array.from(form) },
)
decided(`Chromium ${browser.version()}`, rows.decisions)
loaded('Chromium', rows.loading)
await browser.close()
site.close()
