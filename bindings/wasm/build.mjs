// node build.mjs PROFILE MODULES PACKAGE: makes the package of the modules that `cargo xtask wasm`
// built, and holds it to the sizes of budget.json.

import { build } from 'esbuild'
import { createHash } from 'node:crypto'
import { cpSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { brotliCompressSync, gzipSync } from 'node:zlib'

const [profile, ...folders] = process.argv.slice(2)
const [modules, out] = folders.map((folder) => path.resolve(folder))
const here = path.dirname(fileURLToPath(import.meta.url))
const node = path.join(here, '../node')
const manifest = JSON.parse(readFileSync(path.join(here, 'package.json'), 'utf8'))
const banner = `/*! Glasskey ${manifest.version}, ${manifest.license} */`

/** The addon becomes the module; the few things of Node.js, what every host has. */
const places = (module, files) => ({
  name: 'places',
  setup({ onResolve }) {
    const at = (filter, place) => onResolve({ filter }, () => ({ path: place }))
    at(/^glasskey-module$/, path.join(modules, module, `${module}.js`))
    at(/\/native\.js$/, path.join(here, 'js/native.js'))
    at(/^node:crypto$/, path.join(here, 'js/crypto.js'))
    if (!files) at(/^node:(fs|path)$/, path.join(here, 'js/nothing.js'))
  },
})

/** What the surface of the Node.js package requires, in a module. */
const REQUIRE = "import { createRequire } from 'node:module'\nconst require = createRequire(import.meta.url)"

async function bundle(module, from, to, { files = false, format = 'esm' } = {}) {
  await build({
    entryPoints: [path.join(here, 'js', from)],
    outfile: path.join(out, to),
    bundle: true,
    format,
    target: 'es2022',
    minify: !files,
    keepNames: true,
    banner: { js: files && format === 'esm' ? `${banner}\n${REQUIRE}` : banner },
    external: files ? ['node:fs', 'node:path'] : [],
    plugins: [places(module, files)],
    // The small module has less than what is looked for in it.
    logOverride: { 'import-is-undefined': 'silent', 'empty-import-meta': 'silent' },
  })
}

rmSync(out, { recursive: true, force: true })
mkdirSync(out, { recursive: true })
const copy = (from, to = path.basename(from)) => cpSync(from, path.join(out, to))
await bundle('glasskey', 'web.js', 'web.js')
await bundle('glasskey', 'node.js', 'node.js', { files: true })
await bundle('glasskey', 'require.js', 'node.cjs', { files: true, format: 'cjs' })
await bundle('edge', 'edge.js', 'edge.js')
await bundle('edge', 'edge.node.js', 'edge.node.js', { files: true })
for (const module of ['glasskey', 'edge']) copy(path.join(modules, module, `${module}_bg.wasm`))
for (const file of ['workerd.js', 'edge.workerd.js', 'web.d.ts', 'node.d.ts', 'edge.d.ts', 'init.d.ts'])
  copy(path.join(here, 'js', file))
const surface = readFileSync(path.join(node, 'index.d.ts'), 'utf8').replaceAll("'./types'", "'./types.js'")
writeFileSync(path.join(out, 'surface.d.ts'), surface)
copy(path.join(node, 'types.d.ts'))
copy(path.join(here, 'README.md'))
// The same for programs that `require`.
for (const name of ['types', 'surface', 'init', 'web', 'node']) {
  const text = readFileSync(path.join(out, `${name}.d.ts`), 'utf8')
  writeFileSync(path.join(out, `${name}.d.cts`), text.replaceAll(/'\.\/(\w+)\.js'/g, "'./$1.cjs'"))
}

const { devDependencies, prettier, ...published } = manifest
writeFileSync(path.join(out, 'package.json'), JSON.stringify(published, undefined, 2) + '\n')

/** For `integrity` in a page, and in `fetch`. */
const integrity = readdirSync(out)
  .filter((file) => /\.(js|wasm)$/.test(file))
  .map((file) => [
    file,
    `sha384-${createHash('sha384')
      .update(readFileSync(path.join(out, file)))
      .digest('base64')}`,
  ])
writeFileSync(
  path.join(out, 'integrity.json'),
  JSON.stringify(Object.fromEntries(integrity), undefined, 2) + '\n',
)

/** What crosses the network: the module and the script around it. */
function weigh() {
  const budget = JSON.parse(readFileSync(path.join(here, 'budget.json'), 'utf8'))[profile]
  const columns = (cells) => console.log(...cells.map((cell) => String(cell).padStart(12)))
  columns(['', 'raw KB', 'gzip -9', 'brotli', 'budget'])
  for (const [module, script] of Object.entries({ glasskey: 'web.js', edge: 'edge.js' })) {
    const files = [`${module}_bg.wasm`, script].map((file) => readFileSync(path.join(out, file)))
    const sum = (packed) => files.reduce((all, file) => all + packed(file).length, 0)
    const gzip = sum((file) => gzipSync(file, { level: 9 }))
    const brotli = sum((file) => brotliCompressSync(file))
    columns([
      module,
      ...[sum((file) => file), gzip, brotli, budget[module]].map((n) => (n / 1000).toFixed(1)),
    ])
    if (brotli <= budget[module]) continue
    console.error(`${module} is larger than budget.json allows; see docs/WASM.md, "Size"`)
    process.exitCode = 1
  }
}

weigh()
