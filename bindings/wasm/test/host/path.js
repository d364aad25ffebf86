// Paths without `node:path`.

export function join(...parts) {
  const steps = []
  for (const step of parts.join('/').split('/')) {
    if (step === '..') steps.pop()
    else if (step && step !== '.') steps.push(step)
  }
  return `/${steps.join('/')}`
}

export const resolve = join
export const dirname = (path) => path.slice(0, path.lastIndexOf('/'))

export default { join, resolve, dirname }
