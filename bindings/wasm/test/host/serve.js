// Serves folders and pages on localhost, as strictly as a careful site would.

import { createServer } from 'node:http'
import { readFile } from 'node:fs/promises'
import path from 'node:path'

export const POLICY = [
  "default-src 'none'",
  "script-src 'self' 'wasm-unsafe-eval'",
  "connect-src 'self'",
  "worker-src 'self'",
].join('; ')

const TYPES = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.wasm': 'application/wasm',
  '.json': 'application/json',
}

/** `places` are folders, or pages by their own text, by where they are found. */
export async function serve(places) {
  const asked = []
  const server = createServer(async ({ url }, answer) => {
    const [, place, rest] = url.match(/^\/([^/?]*)\/?([^?]*)/)
    asked.push(url)
    try {
      const found = places[place]
      const body = rest ? await readFile(path.join(found, rest)) : found
      const type = TYPES[path.extname(rest)] ?? 'text/html'
      answer.writeHead(200, { 'content-type': type, 'content-security-policy': POLICY }).end(body)
    } catch {
      answer.writeHead(404).end()
    }
  })
  await new Promise((ready) => server.listen(0, '127.0.0.1', ready))
  return { at: `http://127.0.0.1:${server.address().port}`, asked, close: () => server.close() }
}
