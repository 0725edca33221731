/** What was worked out a moment ago, for everybody who asks the same within that moment. */
export interface BriefCache<Value> {
  /** The value under this name, or that of `make`; those who ask while it is being made wait for the same one. */
  get(name: string, make: () => Promise<Value>): Promise<Value>
}

/**
 * Remembers values for `freshMs`. So however many ask, Postgres is asked once per name and moment. A failure is not remembered:
 * whoever asks next tries again.
 */
export function briefCache<Value>({ freshMs, most }: { freshMs: number; most: number }): BriefCache<Value> {
  const known = new Map<string, { value: Promise<Value>; until: number }>()
  return {
    get: (name, make) => {
      const now = Date.now()
      const found = known.get(name)
      if (found && found.until > now) return found.value
      if (known.size >= most) known.clear()
      const value = make()
      const entry = { value, until: now + freshMs }
      known.set(name, entry)
      value.catch(() => {
        if (known.get(name) === entry) known.delete(name)
      })
      return value
    },
  }
}
