// node serve.mjs SITE [PORT]: serves the site on this machine.

import { createServer } from 'node:http'
import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { pathToFileURL } from 'node:url'

const TYPES = {
  '.css': 'text/css',
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.svg': 'image/svg+xml',
  '.txt': 'text/plain',
  '.wasm': 'application/wasm',
}

export async function serve(site, port = 0) {
  const server = createServer(async ({ url }, answer) => {
    const file = path.join(site, path.normalize(new URL(url, 'http://localhost').pathname))
    const found = file.endsWith('/') ? `${file}index.html` : file
    try {
      const body = await readFile(found)
      const type = TYPES[path.extname(found)] ?? 'application/octet-stream'
      answer.writeHead(200, { 'content-type': type, 'cache-control': 'no-cache' }).end(body)
    } catch {
      answer.writeHead(404).end('not here')
    }
  })
  await new Promise((ready, failed) => server.once('error', failed).listen(port, '127.0.0.1', ready))
  return { at: `http://127.0.0.1:${server.address().port}/`, close: () => server.close() }
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  const [site, port = '4180'] = process.argv.slice(2)
  const { at } = await serve(path.resolve(site), Number(port))
  console.log(`the playground is at ${at} (end it with ctrl-c)`)
}
