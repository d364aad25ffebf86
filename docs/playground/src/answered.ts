// An answer, laid out: what, until when, why, what would change it, and which rules were considered.

import type { Decision, Explanation, Missing, RequestDocument } from 'glasskey-wasm'
import { h } from './dom'
import { clock, name, span, verdict, words } from './words'

export interface Approver {
  by: string
  seat: string
}

/** What an answer is about, and what can be done from it. */
export interface About {
  request: RequestDocument
  pair: { action: string; resource: string }
  now: number
  approvers: Approver[]
  approve(approver: Approver): void
  takeBack(approver: Approver): void
  /** Shows a place in the pack. */
  open(file: string, line: number): void
}

/** The answer itself. */
export function answered({ decision }: Explanation, about: About): Node[] {
  return [
    h('p', { class: `verdict k-${decision.decision}` }, verdict[decision.decision]),
    h(
      'div',
      { class: 'said' },
      sentence(decision, about),
      why(decision),
      missing(decision, about),
      given(about),
    ),
  ]
}

/** What stands behind it: the limits, the soonest first, and the rules. */
export function behind({ considered, limits }: Explanation, { open }: About): (Node | string)[] {
  return [
    limits?.length
      ? h(
          'div',
          {},
          h('h3', {}, 'What limits it'),
          h(
            'ol',
            { class: 'limits' },
            [...limits]
              .sort((a, b) => Date.parse(a.at) - Date.parse(b.at))
              .map((limit, index) =>
                h(
                  'li',
                  { class: index ? '' : 'binds' },
                  h('span', {}, words(limit.by)),
                  h('time', {}, clock(limit.at)),
                ),
              ),
          ),
        )
      : '',
    h(
      'div',
      {},
      h('h3', {}, 'Rules considered'),
      h(
        'ul',
        { class: 'rules' },
        considered.map((rule) =>
          h(
            'li',
            { class: `o-${rule.outcome}` },
            h('span', { class: 'rule' }, rule.rule),
            ' ',
            h('span', { class: 'outcome' }, outcome[rule.outcome] ?? words(rule.outcome)),
            rule.because?.length ? ` (${rule.because.map(words).join(', ')})` : '',
            rule.failed &&
              h(
                'button',
                {
                  type: 'button',
                  class: 'place',
                  onclick: () => open(rule.failed!.file, rule.failed!.line),
                },
                `${rule.failed.file}:${rule.failed.line}`,
              ),
          ),
        ),
      ),
    ),
  ]
}

function sentence(decision: Decision, { request, pair, now }: About) {
  const left = (at: string) => span(Date.parse(at) - now)
  const who = `${name(request.principal)}: ${name(pair.action)} on ${name(pair.resource)}`
  const must = decision.obligations.map((duty) => Object.values(duty).filter(Boolean).join(' '))
  return h(
    'dl',
    {},
    h('div', {}, h('dt', {}, 'Asked'), h('dd', {}, who)),
    decision.ends_at &&
      h(
        'div',
        {},
        h('dt', {}, 'Ends'),
        h(
          'dd',
          {},
          h('b', {}, clock(decision.ends_at)),
          ` ${words(decision.ends_by ?? '')}, in ${left(decision.ends_at)}`,
        ),
      ),
    decision.valid_until &&
      h(
        'div',
        {},
        h('dt', {}, 'Ask again'),
        h(
          'dd',
          {},
          clock(decision.valid_until),
          ` ${words(decision.valid_by ?? '')}, in ${left(decision.valid_until)}`,
        ),
      ),
    must.length > 0 && h('div', {}, h('dt', {}, 'Must'), h('dd', {}, must.map(words).join(', '))),
  )
}
function why({ reasons }: Decision) {
  return h(
    'ul',
    { class: 'reasons' },
    reasons.map((reason) =>
      h(
        'li',
        {},
        h('b', {}, words(reason.code)),
        reason.policy ? ` ${reason.policy}` : '',
        reason.fact ? ` ${reason.fact}` : '',
        reason.detail ? ` ${reason.detail}` : '',
        reason.advice && h('span', { class: 'help' }, reason.advice),
      ),
    ),
  )
}

function missing({ missing }: Decision, about: About) {
  const list = missing.map((one) => item(one, about))
  return (
    list.length > 0 && h('div', {}, h('h3', {}, 'What would change it'), h('ul', { class: 'missing' }, list))
  )
}

function item(missing: Missing, { approve }: About) {
  if (missing.type !== 'seat') {
    return h('li', {}, change(missing))
  }
  return h(
    'li',
    {},
    h('b', {}, missing.seat),
    ' approves: ',
    missing.candidates.slice(0, 6).map((by) =>
      h(
        'button',
        {
          type: 'button',
          class: 'chip',
          onclick: () => approve({ by, seat: missing.seat }),
        },
        name(by),
      ),
    ),
    missing.candidates.length === 0 && 'nobody here could',
  )
}

function given({ approvers, takeBack }: About) {
  return (
    approvers.length > 0 &&
    h(
      'p',
      { class: 'given' },
      'Approved by ',
      approvers.map(({ by, seat }) =>
        h(
          'button',
          {
            type: 'button',
            class: 'chip on',
            'aria-label': `Take back the approval of ${name(by)}`,
            onclick: () => takeBack({ by, seat }),
          },
          `${name(by)} (${seat}) ×`,
        ),
      ),
    )
  )
}

/** What to do about what is missing, where it is not a person. */
function change(missing: Exclude<Missing, { type: 'seat' }>): string {
  switch (missing.type) {
    case 'fact':
      return missing.max_age
        ? `Report ${missing.fact} anew: it may be ${missing.max_age} old.`
        : `Report ${missing.fact} anew.`
    case 'support':
      return `Name a live ${missing.kind} that covers ${name(missing.resource)}.`
    case 'drop':
      return `Leave out ${name(missing.pair.action)} on ${name(missing.pair.resource)}.`
    case 'wait':
      return `Wait until ${clock(missing.until)}.`
  }
}

const outcome: Record<string, string> = {
  open: 'open',
  actor_kind: 'is for another kind of actor',
  scope: 'is for others',
  unknown_fact: 'reads what is not known',
  condition: 'does not hold',
  error: 'errs',
  refused: 'a guardrail refuses',
  other_pairs: 'covers other pairs',
  not_needed: 'holds; a better one is open',
}
