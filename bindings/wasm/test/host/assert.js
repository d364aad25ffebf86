// What the runners assert, and every answer to a vector, for the hash of all answers.

export const answered = []

export function equal(got, expected, message) {
  if (/^\{"(ok|error)":/.test(got)) answered.push(got)
  if (!Object.is(got, expected)) fail(message ?? `expected ${expected}\ngot      ${got}`)
}

export function ok(value, message) {
  if (!value) fail(message ?? 'expected something true')
}

export function fail(message) {
  throw new Error(message)
}

export function deepEqual(got, expected) {
  const [one, other] = [got, expected].map((value) => JSON.stringify(sorted(value)))
  if (one !== other) fail(`expected ${other}\ngot      ${one}`)
}

function sorted(value) {
  if (value instanceof Set) return [...value].sort()
  if (Array.isArray(value)) return value.map(sorted)
  if (!value || typeof value !== 'object') return value
  const members = Object.entries(value).filter(([, member]) => member !== undefined)
  return Object.fromEntries(
    members.sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, v]) => [name, sorted(v)]),
  )
}

export function throws(call, { code }) {
  try {
    call()
  } catch (error) {
    return equal(error.code, code)
  }
  fail(`expected ${code}`)
}

export default { equal, ok, fail, deepEqual, throws }
