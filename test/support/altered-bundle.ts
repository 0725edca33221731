import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { bundleFile, workflowBundle } from '../../workers/bundle.ts'

export type Alteration = readonly [from: string | RegExp, to: string]

/** The workflows as one script in which something is said differently. Throws where nothing is left to alter. */
export async function alteredCode(alterations: readonly Alteration[]): Promise<string> {
  const bundle = await workflowBundle({ cacheDir: 'node_modules/.cache/workflow-bundles' })
  assert.ok('code' in bundle)
  return alterations.reduce((code, [from, to]) => {
    const altered = code.replaceAll(from, to)
    assert.notEqual(altered, code, `the workflows no longer say ${from}: alter something else here`)
    return altered
  }, bundle.code)
}

/** The same as a folder that a worker process takes for its `WORKFLOW_BUNDLE_DIR`. */
export async function alteredBundle(
  alterations: readonly Alteration[],
): Promise<{ folder: string; remove(): Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), 'cartwright-bundle-'))
  await writeFile(await bundleFile(folder), await alteredCode(alterations))
  return { folder, remove: () => rm(folder, { recursive: true, force: true }) }
}
