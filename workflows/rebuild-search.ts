import { catalog } from './proxies.ts'

/** Makes every index anew out of the catalog, one engine after the other; until each is done, the one that there was is searched. */
export async function rebuildSearch(): Promise<{ documents: number }> {
  const { engines } = await catalog.searchEngines()
  let documents = 0
  for (const engine of engines) documents = (await catalog.rebuildIndex({ engine })).documents
  return { documents }
}
