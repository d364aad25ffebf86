// The package, and its `load` for a host without files.

import { Bundle } from 'glasskey-web'
import { readFileSync, readdirSync } from './fs.js'

export { default } from 'glasskey-web'
export * from 'glasskey-web'

export function load(pack) {
  const files = readdirSync(pack).filter((file) => /^bundle\.toml$|\.cedar(schema)?$/.test(file))
  return Bundle.compile(Object.fromEntries(files.map((file) => [file, readFileSync(`${pack}/${file}`)])))
}
