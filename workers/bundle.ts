import { createHash } from 'node:crypto'
import { mkdir, readdir, readFile, rename, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { bundleWorkflowCode } from '@temporalio/worker'
import type { WorkflowBundle } from '@temporalio/worker'

const root = fileURLToPath(new URL('..', import.meta.url))
const workflowsPath = join(root, 'workflows/index.ts')

/** No workflow keeps anything in a module (eslint sees to it), so modules are loaded once, not for each order anew. */
const options = { workflowsPath, preloadModules: [workflowsPath] }

/**
 * The workflows as one script. Building takes a second or two, so with a folder it is built once for each state of the sources (and
 * of the SDK) and read from there afterwards.
 */
export async function workflowBundle({
  cacheDir,
}: {
  cacheDir?: string | undefined
}): Promise<WorkflowBundle> {
  const build = (): Promise<WorkflowBundle> => bundleWorkflowCode({ ...options, logger: silent })
  if (cacheDir === undefined) return build()

  const path = await bundleFile(cacheDir)
  const known = await readFile(path, 'utf8').catch(() => null)
  if (known !== null) return { code: known }
  const bundle = await build()
  await mkdir(cacheDir, { recursive: true })
  const unfinished = `${path}.${process.pid}`
  await writeFile(unfinished, bundle.code)
  await rename(unfinished, path)
  return bundle
}

/** Where the bundle of the sources of now lies, or will lie, in such a folder. */
export async function bundleFile(cacheDir: string): Promise<string> {
  return join(cacheDir, `workflows-${await sourceHash()}.js`)
}

async function sourceHash(): Promise<string> {
  const hash = createHash('sha256')
  const sdk = createRequire(import.meta.url).resolve('@temporalio/workflow/package.json')
  hash.update(await readFile(sdk)).update(JSON.stringify(options))
  for (const folder of ['domain', 'workflows']) {
    const names = await readdir(join(root, folder), { recursive: true })
    for (const name of names.filter((each) => each.endsWith('.ts')).sort()) {
      hash.update(name).update(await readFile(join(root, folder, name)))
    }
  }
  return hash.digest('hex').slice(0, 16)
}

const quiet = (): void => {}
const silent = {
  log: quiet,
  trace: quiet,
  debug: quiet,
  info: quiet,
  warn: console.warn,
  error: console.error,
}
