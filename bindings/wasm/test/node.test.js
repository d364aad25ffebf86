// What only the module has, in Node.js. The rest of the surface is judged by the tests of the
// Node.js package itself, which are run on it.

import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import fs from 'node:fs'
import { createRequire } from 'node:module'
import path from 'node:path'
import test from 'node:test'
import * as glasskey from 'glasskey-wasm'
import * as edge from 'glasskey-wasm/edge'

const conformance = process.env.GLASSKEY_CONFORMANCE
const pack = path.join(conformance, 'packs/ops')
const world = fs.readFileSync(path.join(conformance, 'worlds/ops.json'), 'utf8')
const files = Object.fromEntries(fs.readdirSync(pack).map((f) => [f, fs.readFileSync(path.join(pack, f))]))

const now = '2026-03-01T02:05:05Z'
const ask = {
  principal: 'Glasskey::Person::"asha"',
  scope: [{ action: 'Ops::Action::"restart"', resource: 'Glasskey::System::"pay-db"' }],
}

test('what is declared is what is exported', () => {
  const folder = path.join(import.meta.dirname, '../node_modules/glasskey-wasm')
  const names = (file) => {
    const text = fs.readFileSync(path.join(folder, file), 'utf8').replace(/export type [^]*?from/g, '')
    const lists = [...text.matchAll(/export \{([^}]*)\}/g)].flatMap(([, list]) => list.split(','))
    return lists
      .map((name) => name.trim())
      .filter(Boolean)
      .sort()
  }
  assert.deepEqual(Object.keys(edge).sort(), names('edge.d.ts'))
  const whole = [...names('web.d.ts'), 'load', 'loadAsync'].sort()
  assert.deepEqual(Object.keys(glasskey).sort(), whole)
  const surface = fs.readFileSync(path.join(folder, 'surface.d.ts'), 'utf8')
  const node = [...surface.matchAll(/^export (?:class|function) (\w+)/gm)].map(([, name]) => name)
  assert.deepEqual(whole, [...node, 'default', 'initSync'].sort(), 'the surface of the Node.js package')
})

test('it is loaded already, and can be required', async () => {
  await glasskey.default()
  const required = createRequire(import.meta.url)('glasskey-wasm')
  assert.equal(required.load(pack).digest, glasskey.load(pack).digest)
})

test('where it is not loaded, it says what comes first', async () => {
  const fresh = await import('../node_modules/glasskey-wasm/web.js')
  assert.throws(() => fresh.catalogue(), /await init\(\)/)
  await assert.rejects(fresh.default(Uint8Array.of(0, 1, 2)), WebAssembly.CompileError)
  fresh.initSync(fs.readFileSync(new URL('../node_modules/glasskey-wasm/glasskey_bg.wasm', import.meta.url)))
  assert.deepEqual(fresh.catalogue(), glasskey.catalogue())
})

test('the module asks its host for nothing', () => {
  // Its imports are the glue's own: strings, errors, arrays. No clock, no randomness, no network.
  for (const file of ['glasskey_bg.wasm', 'edge_bg.wasm']) {
    const bytes = fs.readFileSync(new URL(`../node_modules/glasskey-wasm/${file}`, import.meta.url))
    const imports = WebAssembly.Module.imports(new WebAssembly.Module(bytes))
    const names = imports.map(({ name }) => name.replace(/_[0-9a-f]{16}$/, ''))
    const glue =
      /^__wbg_(Error|__wbindgen_(throw|string_get))|^__wbindgen_(init_externref_table|cast|generic|throw)/
    assert.deepEqual(
      names.filter((name) => !glue.test(name)),
      [],
    )
  }
})

test('a handle that was freed is refused', () => {
  const bundle = glasskey.load(pack)
  const facts = new glasskey.Facts(bundle, world)
  facts[Symbol.dispose]()
  facts.free()
  assert.throws(() => glasskey.decide(bundle, facts, ask, now), TypeError)
  bundle.free()
  assert.throws(() => new glasskey.Facts(bundle, world), TypeError)
})

test('forgotten handles are freed', async () => {
  const bundle = glasskey.load(pack)
  const held = () => process.memoryUsage().rss
  const churn = async (count) => {
    for (let i = 0; i < count; i++) {
      new glasskey.Facts(bundle, world)
      if (i % 200 === 0) {
        globalThis.gc()
        await new Promise((resume) => setTimeout(resume, 5))
      }
    }
  }
  await churn(2000)
  const before = held()
  await churn(6000)
  const grown = held() - before
  assert.ok(grown < 64 << 20, `${grown} bytes more`)
})

test('the deepest and largest inputs are refused with a code, and the module goes on', () => {
  const nested = (open, close, n) => open.repeat(n) + close.repeat(n)
  const policy = (condition) => ({
    ...files,
    'deep.cedar': `@id("deep")\nforbid (principal, action, resource) when { ${condition} };`,
  })
  const coded = (call) => assert.throws(call, glasskey.GlasskeyError)
  for (const n of [100, 1_000, 10_000, 60_000]) {
    for (const [open, close] of [
      ['(', ')'],
      ['[', ']'],
      ['if ', ''],
      ['!', 'true'],
      ['{a:', '}'],
    ])
      coded(() => glasskey.Bundle.compile(policy(nested(open, close, n))))
    coded(() => glasskey.canonical(new TextEncoder().encode(nested('[', ']', n))))
    coded(() => new glasskey.Request(nested('{"a":', '}', n)))
  }
  assert.equal(glasskey.load(pack).name, 'ops')
})

test('what the README says is run', () => {
  const folder = path.join(import.meta.dirname, '../node_modules/glasskey-wasm')
  const [, block] = fs.readFileSync(path.join(folder, 'README.md'), 'utf8').match(/^```js\n(.*?)^```/ms)
  const said = block.match(/console\.log\(.*\/\/ (.*)$/m)[1]
  const file = path.join(import.meta.dirname, 'readme.mjs')
  fs.writeFileSync(file, block)
  assert.equal(execFileSync(process.execPath, [file], { encoding: 'utf8' }), `${said}\n`)
})
