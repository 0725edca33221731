import { catalog } from './proxies.ts'

/** Compares every index with the catalog; what differs is put right by `refreshProducts` (invariant I19). */
export async function checkSearch(): Promise<{ drift: number }> {
  const { engines } = await catalog.searchEngines()
  let drift = 0
  for (const engine of engines) drift += (await catalog.checkIndex({ engine })).drift
  if (drift > 0) await catalog.refreshSearch()
  return { drift }
}
