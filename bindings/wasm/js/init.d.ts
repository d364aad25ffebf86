/** What a module can be loaded from; its own file beside the script, if nothing is given. */
export type Source = string | URL | Request | Response | BufferSource | WebAssembly.Module

type Request = globalThis.Request

/**
 * Loads the module. Calling it again is free.
 *
 * With Subresource Integrity: `await init(fetch(url, { integrity: 'sha384-…' }))`; `integrity.json`
 * in the package has the digests.
 */
export default function init(source?: Source | Promise<Source>): Promise<void>

/** As `init`, with the module's bytes, or the module, at hand. */
export function initSync(module: BufferSource | WebAssembly.Module): void

interface Freed {
  /** Gives its memory back. It is not to be used any more. */
  free(): void
  [Symbol.dispose](): void
}

declare module './surface.js' {
  interface Bundle extends Freed {}
  interface Facts extends Freed {}
  interface Ledger extends Freed {}
  interface Lifecycle extends Freed {}
  interface Request extends Freed {}
}
