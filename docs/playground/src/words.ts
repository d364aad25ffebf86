// How instants, names and codes are said.

export const iso = (ms: number) => new Date(ms).toISOString()

/** `02:05:05`, with what is below a second only where there is some. */
export function clock(at: number | string): string {
  const text = typeof at === 'number' ? iso(at) : new Date(at).toISOString()
  return text.slice(11, 23).replace(/\.000$/, '')
}

/** `55m`, `1h 5m`, `20s`. */
export function span(ms: number): string {
  const seconds = Math.round(ms / 1000)
  const parts: [number, string][] = [
    [Math.floor(seconds / 3600), 'h'],
    [Math.floor(seconds / 60) % 60, 'm'],
    [seconds % 60, 's'],
  ]
  const said = parts.filter(([n]) => n).slice(0, 2)
  return said.map(([n, unit]) => `${n}${unit}`).join(' ') || '0s'
}

/** The milliseconds of a duration as Cedar writes it. */
export function milliseconds(text: string): number {
  const units: Record<string, number> = { d: 86_400_000, h: 3_600_000, m: 60_000, s: 1000, ms: 1 }
  return [...text.matchAll(/(\d+)(ms|[dhms])/g)].reduce(
    (sum, [, n, unit]) => sum + Number(n) * units[unit!]!,
    0,
  )
}

/** The id in `Type::"id"`. */
export function name(uid: string): string {
  return uid.match(/::"(.*)"$/)?.[1] ?? uid
}

/** `incident_freshness` as words. */
export function words(code: string): string {
  return code.replaceAll('_', ' ')
}

export const verdict = { permit: 'Permit', pending: 'Not yet', deny: 'Deny' } as const
