import { catalog } from './proxies.ts'

/** Compares every index with the catalog and writes what differs anew, batch after batch (invariant I19). */
export async function checkSearch(): Promise<{ drift: number }> {
  const { engines } = await catalog.searchEngines()
  let drift = 0
  for (const engine of engines) drift += (await catalog.checkIndex({ engine })).drift
  let more = drift > 0
  while (more) ({ more } = await catalog.refreshSearch())
  return { drift }
}
