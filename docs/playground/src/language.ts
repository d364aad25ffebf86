// Colours for Cedar, its schemas, TOML and JSON: one small reader for all four.

import { HighlightStyle, StreamLanguage, syntaxHighlighting, type StreamParser } from '@codemirror/language'
import { tags } from '@lezer/highlight'

const WORDS = new Set(
  (
    'permit forbid when unless if then else is in like has true false principal action resource context ' +
    'namespace entity type appliesTo enum tags Set String Long Bool'
  ).split(' '),
)

function reader(comment: RegExp): StreamParser<unknown> {
  return {
    token(stream) {
      if (stream.eatSpace()) return null
      if (stream.match(comment)) {
        stream.skipToEnd()
        return 'comment'
      }
      if (stream.match(/^"(?:[^"\\]|\\.)*"?/)) return 'string'
      if (stream.match(/^@\w+/)) return 'annotation'
      if (stream.match(/^-?\d[\w.:+-]*/)) return 'number'
      if (stream.match(/^[A-Za-z_]\w*(::[A-Za-z_]\w*)+/)) return 'typeName'
      const word = stream.match(/^[A-Za-z_][\w-]*/) as RegExpMatchArray | null
      if (word) return WORDS.has(word[0]) ? 'keyword' : 'name'
      if (stream.match(/^[&|!=<>]+/)) return 'operator'
      stream.next()
      return null
    },
    languageData: { commentTokens: { line: '//' } },
    tokenTable: { annotation: tags.meta, name: tags.variableName },
  }
}

const cedar = StreamLanguage.define(reader(/^\/\//))
const toml = StreamLanguage.define(reader(/^#/))

export const language = (file: string) => (file.endsWith('.toml') ? toml : cedar)

export const colours = syntaxHighlighting(
  HighlightStyle.define([
    { tag: tags.comment, class: 'c-comment' },
    { tag: tags.string, class: 'c-string' },
    { tag: tags.meta, class: 'c-meta' },
    { tag: tags.number, class: 'c-number' },
    { tag: tags.typeName, class: 'c-type' },
    { tag: tags.keyword, class: 'c-word' },
    { tag: tags.operator, class: 'c-operator' },
  ]),
)
