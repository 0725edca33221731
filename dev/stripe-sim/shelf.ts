/** Things with an id, in the order they were made. A newer value of a thing takes the older one's place. */
export interface Shelf<Item extends { readonly id: string }> {
  get(id: string): Item | undefined
  put(item: Item): void
  /** From the newest to the oldest, beginning after the thing with this id (or at the newest). */
  older(thanId?: string): Iterable<Item>
  /** From the thing after this one to the newest. */
  newer(thanId: string): Iterable<Item>
  oldest(): Item | undefined
  dropOldest(): void
  readonly size: number
}

/** Drops from the front are cheap: positions count on, and the array is cut only when half of it is empty. */
export function createShelf<Item extends { readonly id: string }>(): Shelf<Item> {
  const positions = new Map<string, number>()
  let items: (Item | undefined)[] = []
  let cutOff = 0
  let first = 0

  const at = (position: number) => items[position - cutOff]

  return {
    get(id) {
      const position = positions.get(id)
      return position === undefined ? undefined : at(position)
    },
    put(item) {
      const position = positions.get(item.id)
      if (position !== undefined) {
        items[position - cutOff] = item
        return
      }
      positions.set(item.id, cutOff + items.length)
      items.push(item)
    },
    *older(thanId) {
      const start = thanId === undefined ? cutOff + items.length : (positions.get(thanId) ?? first)
      for (let position = start - 1; position >= first; position -= 1) {
        const item = at(position)
        if (item) yield item
      }
    },
    *newer(thanId) {
      const start = positions.get(thanId)
      if (start === undefined) return
      for (let position = start + 1; position < cutOff + items.length; position += 1) {
        const item = at(position)
        if (item) yield item
      }
    },
    oldest: () => at(first),
    dropOldest() {
      const item = at(first)
      if (!item) return
      positions.delete(item.id)
      items[first - cutOff] = undefined
      first += 1
      if (first - cutOff > 1000 && first - cutOff > items.length / 2) {
        items = items.slice(first - cutOff)
        cutOff = first
      }
    },
    get size() {
      return positions.size
    },
  }
}
