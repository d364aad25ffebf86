declare module 'virtual:pack' {
  /** The starter pack's files, by name. */
  export const files: Record<string, string>
  /** Its world, as text. */
  export const world: string
  /** Its requests, by file name. */
  export const requests: Record<string, unknown>
  /** Its scenarios, by file name. */
  export const scenarios: Record<string, import('./story').Scenario>
}
