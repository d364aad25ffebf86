// Bundles the runners of the Node.js package for a host without files.

import { build } from 'esbuild'
import fs from 'node:fs'
import path from 'node:path'

const here = import.meta.dirname
const conformance = process.env.GLASSKEY_CONFORMANCE
const root = path.join(conformance, '../..')

/** Every file that the runners read, by its path from the root of the repository. */
function files() {
  const folders = ['bindings/conformance', 'policies']
  const all = folders.flatMap((folder) =>
    fs.readdirSync(path.join(root, folder), { recursive: true }).map((file) => `${folder}/${file}`),
  )
  const wanted = all.filter((file) => /\.(json|jsonl|note|tlog-proof|cedar|cedarschema|toml)$/.test(file))
  return Object.fromEntries(
    wanted.map((file) => [`/${file}`, fs.readFileSync(path.join(root, file), 'utf8')]),
  )
}

/** Writes `vectors.js` into a folder, with a package's `web.js` in it. */
export async function bundleVectors(folder, glasskey) {
  await build({
    entryPoints: [path.join(here, 'vectors.js')],
    outfile: path.join(folder, 'vectors.js'),
    bundle: true,
    format: 'esm',
    define: {
      'process.env.GLASSKEY_CONFORMANCE': '"/bindings/conformance"',
      __dirname: '"/bindings/node/test"',
    },
    banner: { js: `globalThis.GLASSKEY_FILES = ${JSON.stringify(files())};` },
    plugins: [
      {
        name: 'host',
        setup({ onResolve }) {
          const at = (filter, file) => onResolve({ filter }, () => ({ path: path.join(here, file) }))
          at(/^node:fs$/, 'fs.js')
          at(/^node:path$/, 'path.js')
          at(/^node:assert\/strict$/, 'assert.js')
          at(/^node:test$/, 'test.cjs')
          at(/^glasskey$/, 'glasskey.js')
          onResolve({ filter: /^glasskey-web$/ }, () => ({ path: glasskey }))
        },
      },
    ],
  })
}
