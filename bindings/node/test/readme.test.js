'use strict'
// What the READMEs say is run.

const assert = require('node:assert/strict')
const fs = require('node:fs')
const path = require('node:path')
const test = require('node:test')

const conformance = process.env.GLASSKEY_CONFORMANCE ?? path.join(__dirname, '../../conformance')
const root = path.join(conformance, '../..')

for (const file of ['bindings/node/README.md', 'README.md']) {
  test(file, async () => {
    const text = fs.readFileSync(path.join(root, file), 'utf8')
    const blocks = [...text.matchAll(/^```js\n(.*?)^```/gms)].map(([, block]) => block)
    assert.ok(blocks.length)
    const AsyncFunction = (async () => {}).constructor
    process.chdir(root)
    await new AsyncFunction('require', blocks.join('\n'))(require)
  })
}
