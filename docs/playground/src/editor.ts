// The pack in an editor: a file at a time, faults underlined where they are.

import { defaultKeymap, history, historyKeymap } from '@codemirror/commands'
import { bracketMatching } from '@codemirror/language'
import { lintGutter, setDiagnostics, type Diagnostic } from '@codemirror/lint'
import { EditorState } from '@codemirror/state'
import { EditorView, highlightActiveLine, keymap, lineNumbers } from '@codemirror/view'
import type { ErrorData } from 'glasskey-wasm'
import { h } from './dom'
import { colours, language } from './language'
import css from './editor.css'

export interface Editor {
  element: HTMLElement
  /** Shows a file, and a place in it. */
  open(file: string, line?: number): void
  /** Underlines faults; each has its file in its labels. */
  faults(errors: ErrorData[]): void
}

/** The editor of some files; `changed` hears of each change. */
export function editor(files: Record<string, string>, changed: (file: string, text: string) => void): Editor {
  let open = ''
  let found: ErrorData[] = []
  const states = new Map<string, EditorState>()

  // In a shadow tree its styles are adopted as sheets, which the strictest policy allows.
  const host = h('div', { class: 'code' })
  const shadow = host.attachShadow({ mode: 'open' })
  const sheet = new CSSStyleSheet()
  sheet.replaceSync(css)
  shadow.adoptedStyleSheets = [sheet]

  const state = (file: string) =>
    states.get(file) ??
    EditorState.create({
      doc: files[file] ?? '',
      extensions: [
        lineNumbers(),
        history(),
        bracketMatching(),
        highlightActiveLine(),
        lintGutter(),
        colours,
        file.endsWith('.json') ? [] : language(file),
        keymap.of([...defaultKeymap, ...historyKeymap]),
        EditorView.contentAttributes.of({ 'aria-label': `Text of ${file}`, tabindex: '0' }),
        EditorView.updateListener.of((update) => {
          if (update.docChanged) changed(file, update.state.doc.toString())
        }),
      ],
    })
  const view = new EditorView({ root: shadow, parent: shadow as unknown as HTMLElement })

  const tabs = h('div', { class: 'files', role: 'group', 'aria-label': 'Files of the pack' })
  const problems = h('ul', { class: 'problems', 'aria-live': 'polite', 'aria-label': 'Faults' })

  const underline = () => {
    const { doc } = view.state
    const diagnostics: Diagnostic[] = found.flatMap((error) =>
      error.labels
        .filter((label) => label.file === open && label.line <= doc.lines)
        .map((label) => {
          const line = doc.line(label.line)
          const from = Math.min(line.from + label.column - 1, line.to)
          const to = Math.min(from + Math.max(label.length, 1), doc.length)
          const message = error.help ? `${error.message}\n${error.help}` : error.message
          return { from, to, severity: 'error' as const, message, source: error.code }
        }),
    )
    view.dispatch(
      setDiagnostics(
        view.state,
        diagnostics.sort((a, b) => a.from - b.from),
      ),
    )
  }
  const draw = () => {
    const broken = new Set(found.flatMap(({ labels }) => labels.map(({ file }) => file)))
    tabs.replaceChildren(
      ...Object.keys(files).map((file) =>
        h(
          'button',
          {
            type: 'button',
            class: broken.has(file) ? 'file broken' : 'file',
            'aria-pressed': String(file === open),
            onclick: () => editor.open(file),
          },
          file,
          broken.has(file) && h('span', { class: 'unseen' }, ' (has faults)'),
        ),
      ),
    )
  }
  const editor: Editor = {
    element: h('div', { class: 'editor' }, tabs, host, problems),
    open(file, line) {
      if (open) states.set(open, view.state)
      if (file !== open) view.setState(state(file))
      open = file
      draw()
      underline()
      if (line) {
        const at = view.state.doc.line(Math.min(line, view.state.doc.lines)).from
        view.dispatch({ selection: { anchor: at }, effects: EditorView.scrollIntoView(at, { y: 'center' }) })
        view.focus()
      }
    },
    faults(errors) {
      found = errors
      draw()
      underline()
      problems.replaceChildren(
        ...errors.slice(0, 8).map((error) => {
          const [label] = error.labels
          const place = label && `${label.file}:${label.line}:${label.column}`
          return h(
            'li',
            {},
            label
              ? h(
                  'button',
                  { type: 'button', class: 'place', onclick: () => editor.open(label.file, label.line) },
                  place,
                )
              : h('code', {}, error.path ?? 'pack'),
            ' ',
            h('strong', {}, error.code),
            ` ${error.message}`,
            error.help && h('span', { class: 'help' }, error.help),
          )
        }),
      )
    },
  }
  return editor
}
