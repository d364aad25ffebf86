// The third view: a ledger file, verified, replayed and drawn.

import {
  Bundle,
  GlasskeyError,
  replay,
  timeline,
  verify,
  type GrantLine,
  type Timeline,
  type VerifyReport,
} from 'glasskey-wasm'
import { files } from 'virtual:pack'
import { chart, titles, type Lane } from './chart'
import { h } from './dom'
import { stretches } from './held'
import { clock, name, words } from './words'

/** Above this the page would stand still for too long; `glasskey ledger verify` reads any length. */
const BYTES_MAX = 32 << 20

export function ledgerView(root: HTMLElement) {
  let bundle: Bundle | undefined
  let text = ''
  const result = h('div', { class: 'found', 'aria-live': 'polite' })
  const file = h('input', {
    type: 'file',
    id: 'ledger-file',
    class: 'unseen',
    onchange: () => void open(file.files?.[0]),
  })
  const drop = h(
    'div',
    {
      class: 'drop',
      ondragover: (event: DragEvent) => {
        event.preventDefault()
        drop.classList.add('over')
      },
      ondragleave: () => drop.classList.remove('over'),
      ondrop: (event: DragEvent) => {
        event.preventDefault()
        drop.classList.remove('over')
        void open(event.dataTransfer?.files[0])
      },
    },
    h('p', {}, h('b', {}, 'Drop a ledger here'), ' (a .jsonl file; it stays in this page)'),
    h('label', { class: 'button', for: 'ledger-file' }, 'Choose a file'),
    file,
  )

  const open = async (found: File | undefined) => {
    if (!found) return
    if (found.size > BYTES_MAX) {
      result.replaceChildren(
        h(
          'p',
          { class: 'fault', role: 'alert' },
          `${found.name} is larger than ${BYTES_MAX >> 20} MB: use glasskey ledger verify`,
        ),
      )
      return
    }
    read(await found.text(), found.name)
  }

  /** Shows what a ledger holds. */
  const read = (ledger: string, title: string) => {
    text = ledger
    const report = verify(ledger)
    const parts: (Node | string)[] = [h('h2', {}, title), verdict(report)]
    if (!report.fault) {
      try {
        parts.push(replayed(ledger), account(timeline(ledger)))
      } catch (error) {
        if (!(error instanceof GlasskeyError)) throw error
        parts.push(h('p', { class: 'fault' }, `The entries hold no lifecycle: ${error.message}`))
      }
    }
    parts.push(
      h(
        'p',
        {},
        h(
          'button',
          { type: 'button', class: 'quiet', onclick: () => tamper(title) },
          'Alter one entry, and verify again',
        ),
      ),
    )
    result.replaceChildren(...parts)
  }

  /** What an attacker would try: a later end, in an entry of the middle. */
  const tamper = (title: string) => {
    const lines = text.trimEnd().split('\n')
    const index = Math.floor(lines.length / 2)
    const at = lines[index]!.lastIndexOf('"at":"20')
    const line = lines[index]!
    const digit = at + 24
    lines[index] = `${line.slice(0, digit)}${(Number(line[digit]) + 1) % 10}${line.slice(digit + 1)}`
    read(`${lines.join('\n')}\n`, title.endsWith(', altered') ? title : `${title}, altered`)
  }

  const verdict = ({ fault, entries, origin, head, root, tail }: VerifyReport) =>
    fault
      ? h(
          'div',
          { class: 'answer k-deny' },
          h('p', { class: 'verdict k-deny' }, `Broken at entry ${fault.seq}`),
          h(
            'div',
            { class: 'said' },
            h('p', {}, h('code', {}, fault.error.code), ` ${fault.error.message} (line ${fault.line})`),
            fault.error.help && h('p', { class: 'help' }, fault.error.help),
            h('p', {}, `The ${entries} entries before it are whole and linked.`),
          ),
        )
      : h(
          'div',
          { class: 'answer k-permit' },
          h('p', { class: 'verdict k-permit' }, 'Unaltered'),
          h(
            'div',
            { class: 'said' },
            h(
              'dl',
              {},
              row('Ledger', origin ?? 'unnamed'),
              row('Entries', `${entries}, each linked to the one before`),
              row('Head', head ?? ''),
              row('Tree', root),
              tail.state !== 'whole' && row('Tail', words(tail.state)),
            ),
          ),
        )

  const replayed = (ledger: string) => {
    bundle ??= Bundle.compile(files)
    const differing = replay(ledger, [bundle])
    if (!differing.length)
      return h(
        'p',
        { class: 'replayed' },
        'Replayed: every decision follows from its evidence under policies/starter.',
      )
    return h(
      'div',
      { class: 'replayed' },
      h('p', {}, `Replayed: ${differing.length} of its decisions do not follow under policies/starter.`),
      h('pre', { tabindex: '0' }, JSON.stringify(differing.slice(0, 5), undefined, 1)),
    )
  }

  const account = ({ grants, as_of }: Timeline) => {
    if (!grants.length) return h('p', {}, 'Nobody held anything.')
    const begin = Math.min(...grants.map(({ started }) => Date.parse(started)))
    const end = Math.max(Date.parse(as_of!), begin + 60_000)
    const lanes: Lane[] = grants.map((grant) => ({
      title: name(grant.principal),
      stretches: stretches(grant, end),
    }))
    const { drawing } = chart(lanes, begin, end)
    return h(
      'section',
      { 'aria-label': 'Who held what' },
      h('h3', {}, 'Who held what'),
      h('div', { class: 'lanes' }, titles(lanes), drawing),
      h('div', { class: 'scroll', tabindex: '0', role: 'region', 'aria-label': 'Grants' }, table(grants)),
    )
  }

  root.replaceChildren(
    h(
      'div',
      { class: 'ledger' },
      drop,
      result,
      h('p', { class: 'hint' }, 'No ledger at hand? Every story has one.'),
    ),
  )
  return read
}

function row(term: string, said: string) {
  return h('div', {}, h('dt', {}, term), h('dd', {}, said))
}

function table(grants: GrantLine[]) {
  const cells = ({ principal, scope, rule, started, over_at, cause, confirmed_at, uses }: GrantLine) => [
    name(principal),
    scope.map(({ action, resource }) => `${name(action)} on ${name(resource)}`).join(', '),
    rule,
    clock(started),
    over_at ? `${clock(over_at)} ${words(cause ?? '')}` : 'in force',
    confirmed_at ? clock(confirmed_at) : 'no',
    String(uses),
  ]
  const head = ['Who', 'What', 'Rule', 'From', 'Over', 'Confirmed', 'Uses']
  return h(
    'table',
    {},
    h(
      'thead',
      {},
      h(
        'tr',
        {},
        head.map((title) => h('th', { scope: 'col' }, title)),
      ),
    ),
    h(
      'tbody',
      {},
      grants.map((grant) =>
        h(
          'tr',
          {},
          cells(grant).map((cell) => h('td', {}, cell)),
        ),
      ),
    ),
  )
}
