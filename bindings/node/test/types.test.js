'use strict'
// What is asked and answered in the vectors has the types that index.d.ts declares.

const assert = require('node:assert/strict')
const { execFileSync } = require('node:child_process')
const fs = require('node:fs')
const path = require('node:path')
const test = require('node:test')
const glasskey = require('glasskey')

const folder = process.env.GLASSKEY_CONFORMANCE ?? path.join(__dirname, '../../conformance')
const vectors = fs
  .readdirSync(folder)
  .filter((file) => file.endsWith('.json'))
  .flatMap((file) => JSON.parse(fs.readFileSync(path.join(folder, file), 'utf8')))

/** The type of each operation's answer. */
const answers = {
  answer: 'Verdict',
  compile: 'Outline',
  decide: 'Decision',
  decide_again: 'Decision',
  decide_many: 'Item[]',
  decide_with_reasons: 'Decision',
  decide_with_evidence: '{ decision: Decision; evidence: Evidence }',
  explain: 'Explanation',
  redact: '{ body: unknown; disclosures: Disclosure[] }',
  request: 'RequestDocument',
  residual: 'Residual[]',
  timeline: 'Timeline',
  verify_bundle: 'Predicate',
  what_can: 'Found[]',
  who_can: 'Found[]',
}

/** The types of what is asked, by the names of the members. */
const asks = { change: 'FactsDocument', evidence: 'Evidence', request: 'RequestDocument' }

test('answers and accepted asks have their declared types', () => {
  const lines = ["import type * as glasskey from 'glasskey'"]
  const declare = (type, value) => {
    const qualified = type.replace(/\b[A-Z]\w+/g, 'glasskey.$&')
    lines.push(`export const v${lines.length}: ${qualified} = ${JSON.stringify(value)}`)
  }
  for (const { op, when, then } of vectors.filter(({ then }) => 'ok' in then)) {
    if (op in answers) declare(answers[op], then.ok)
    for (const [name, type] of Object.entries(asks)) {
      if (typeof when?.[name] === 'object') declare(type, when[name])
    }
  }
  check('answers.ts', lines)
})

test('the catalogues are the declared codes', () => {
  const { errors, reasons } = glasskey.catalogue()
  check('codes.ts', [
    "import type { ErrorCode, ReasonCode } from 'glasskey'",
    'type Same<A, B> = [A] extends [B] ? ([B] extends [A] ? true : never) : never',
    `export const errors: Same<ErrorCode, ${union(errors)}> = true`,
    `export const reasons: Same<ReasonCode, ${union(reasons)}> = true`,
  ])
})

test('what is declared is what is exported', () => {
  const declared = fs.readFileSync(require.resolve('glasskey').replace(/\.js$/, '.d.ts'), 'utf8')
  const names = [...declared.matchAll(/^export (?:class|function) (\w+)/gm)].map(([, name]) => name)
  assert.deepEqual(new Set(Object.keys(glasskey)), new Set(names))
})

function union(codes) {
  return Object.keys(codes)
    .map((code) => `'${code}'`)
    .join(' | ')
}

function check(name, lines) {
  const file = path.join(__dirname, `.${name}`)
  fs.writeFileSync(file, lines.join('\n'))
  const options = [
    '--noEmit',
    '--strict',
    '--exactOptionalPropertyTypes',
    '--module',
    'node16',
    '--types',
    'node',
    file,
  ]
  try {
    execFileSync(process.execPath, [require.resolve('typescript/bin/tsc'), ...options], { encoding: 'utf8' })
  } catch (error) {
    assert.fail(error.stdout)
  } finally {
    fs.rmSync(file)
  }
}
