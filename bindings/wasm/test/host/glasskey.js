// The package, and its `load` for a host without files.

import { Bundle } from 'glasskey-web'
import { readFileSync, readdirSync } from './fs.js'
import { join } from './path.js'

export { default } from 'glasskey-web'
export * from 'glasskey-web'

export function load(pack) {
  const files = {}
  for (let base = ''; base !== null; base = Bundle.missingBase(files)) {
    const folder = join(pack, base)
    for (const name of readdirSync(folder).filter((file) => /^bundle\.toml$|\.cedar(schema)?$/.test(file)))
      files[base === '' ? name : `${base}/${name}`] = readFileSync(`${folder}/${name}`)
  }
  return Bundle.compile(files)
}
