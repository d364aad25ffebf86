// The page: loads the module, shows one of three views.

import init from 'glasskey-wasm'
import { decideView } from './decide'
import { ledgerView } from './ledger'
import { storiesView } from './stories'

const byId = (id: string) => document.getElementById(id)!
const VIEWS = ['decide', 'stories', 'ledger'] as const
type View = (typeof VIEWS)[number]

function show(view: View, focus = false) {
  for (const one of VIEWS) {
    const tab = byId(`tab-${one}`)
    tab.setAttribute('aria-selected', String(one === view))
    tab.tabIndex = one === view ? 0 : -1
    byId(`view-${one}`).hidden = one !== view
    if (one === view && focus) tab.focus()
  }
  history.replaceState(undefined, '', `#${view}`)
}

function tabs() {
  for (const view of VIEWS) {
    const tab = byId(`tab-${view}`)
    tab.addEventListener('click', () => show(view))
    tab.addEventListener('keydown', ({ key }) => {
      const step = { ArrowRight: 1, ArrowLeft: VIEWS.length - 1 }[key]
      if (step) show(VIEWS[(VIEWS.indexOf(view) + step) % VIEWS.length]!, true)
    })
  }
}

/** Light, dark, or as the system says. */
function colours() {
  const button = byId('theme')
  const next: Record<string, [theme: string, label: string, sign: string]> = {
    '': ['light', 'Colours: light', '☀'],
    light: ['dark', 'Colours: dark', '☾'],
    dark: ['', 'Colours: as the system says', '◐'],
  }
  button.addEventListener('click', () => {
    const [theme, label, sign] = next[document.documentElement.dataset.theme ?? '']!
    document.documentElement.dataset.theme = theme
    button.setAttribute('aria-label', label)
    button.textContent = sign
  })
}

async function start() {
  tabs()
  colours()
  await init()
  byId('loading').remove()
  const read = ledgerView(byId('view-ledger'))
  decideView(byId('view-decide'))
  const stories = storiesView(byId('view-stories'), (ledger, title) => {
    read(ledger, title)
    show('ledger', true)
  })
  const asked = location.hash.slice(1) as View
  show(VIEWS.includes(asked) ? asked : 'decide')
  // What the tests ask of the page.
  Object.assign(globalThis, { playground: { stories: stories.all, read } })
}

start().catch((error: unknown) => {
  const loading = byId('loading') ?? document.body.appendChild(document.createElement('p'))
  loading.textContent = `The playground did not start: ${String(error)}`
  loading.className = 'fault'
  throw error
})
