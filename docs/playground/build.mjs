// node build.mjs PACKAGE SITE: makes the site of the npm package's folder. Everything is in it.

import { build } from 'esbuild'
import { cpSync, mkdirSync, readFileSync, readdirSync, rmSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

const [glasskey, out] = process.argv.slice(2).map((folder) => path.resolve(folder))
const here = path.dirname(fileURLToPath(import.meta.url))
const starter = path.join(here, '../../policies/starter')
const text = (...parts) => readFileSync(path.join(starter, ...parts), 'utf8')
const table = (folder, pattern, read) =>
  Object.fromEntries(
    readdirSync(path.join(starter, folder))
      .filter((file) => pattern.test(file))
      .map((file) => [file, read(text(folder, file))]),
  )

/** The starter pack as a module. */
const pack = {
  name: 'pack',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^virtual:pack$/ }, () => ({ path: 'pack', namespace: 'pack' }))
    onResolve({ filter: /^glasskey-wasm$/ }, () => ({ path: path.join(glasskey, 'web.js') }))
    onLoad({ filter: /./, namespace: 'pack' }, () => ({
      loader: 'js',
      contents: Object.entries({
        files: table('.', /^bundle\.toml$|\.cedar(schema)?$/, (content) => content),
        world: text('facts.json'),
        requests: table('requests', /\.json$/, JSON.parse),
        scenarios: table('scenarios', /\.json$/, JSON.parse),
      })
        .map(([name, value]) => `export const ${name} = ${JSON.stringify(value)}`)
        .join('\n'),
    }))
  },
}

rmSync(out, { recursive: true, force: true })
mkdirSync(out, { recursive: true })
await build({
  entryPoints: [path.join(here, 'src/main.ts')],
  outfile: path.join(out, 'app.js'),
  bundle: true,
  format: 'esm',
  target: 'es2022',
  minify: true,
  legalComments: 'linked',
  // The editor's own style is adopted from a text.
  loader: { '.css': 'text' },
  plugins: [pack],
})
for (const file of ['index.html', 'style.css', 'key.svg']) cpSync(path.join(here, file), path.join(out, file))
cpSync(path.join(glasskey, 'glasskey_bg.wasm'), path.join(out, 'glasskey_bg.wasm'))
