// What the vectors' runner reads of the file system, from a table of texts: `{path: text}`.

const files = globalThis.GLASSKEY_FILES
const encoder = new TextEncoder()

export function readFileSync(path, encoding) {
  const text = files[path]
  if (text === undefined) throw new Error(`${path} is not among the files`)
  return encoding ? text : encoder.encode(text)
}

export function readdirSync(folder, { recursive = false } = {}) {
  const below = Object.keys(files).filter((path) => path.startsWith(`${folder}/`))
  const names = below.map((path) => path.slice(folder.length + 1))
  return recursive ? names : [...new Set(names.map((name) => name.split('/')[0]))]
}

export default { readFileSync, readdirSync }
