/** Builds these entries and answers the folder they lie in, as `.mjs` under their own paths. */
export function buildEntries(entryPoints: readonly string[]): Promise<string>
