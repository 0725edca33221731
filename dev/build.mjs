/**
 * Turns the TypeScript of the shop's processes into JavaScript once, before they start: each of them is ready in half the time and
 * needs less memory than if it translated its own modules. Our own sources are bundled; packages are imported as ever, but for a few.
 */
import { createHash } from 'node:crypto'
import {
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { pathToFileURL } from 'node:url'
import { build, stop } from 'esbuild'
import { projectFolder } from './install.mjs'

// Inside the project, because whatever is built imports packages from its node_modules.
const builds = join(projectFolder, 'node_modules/.cache/cartwright-builds')
/** As deep as every build lies, or its maps would look for the sources elsewhere. */
const outdir = join(builds, 'any')
/** Packages of hundreds of small modules: looking for each was a quarter of the time in which the API loads. */
const bundled = /^(typebox|@fastify\/type-provider-typebox|stripe)(\/|$)/
const keptForMs = 7 * 24 * 60 * 60 * 1000

/** Builds these entries and answers the folder they lie in, as `.mjs` under their own paths. Its name is the hash of what is in it. */
export async function buildEntries(entryPoints) {
  const { outputFiles } = await build({
    entryPoints,
    absWorkingDir: projectFolder,
    outbase: projectFolder,
    outdir,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    splitting: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    sourcemap: true,
    // Stacks name lines of the sources, which are there to be read.
    sourcesContent: false,
    write: false,
    plugins: [ownAddress, packagesOutside],
  })
  await stop()
  const files = outputFiles.map(({ path, contents }) => ({ path: relative(outdir, path), contents }))
  const hash = createHash('sha256')
  for (const { path, contents } of files) hash.update(path).update(contents)
  const folder = join(builds, hash.digest('hex').slice(0, 16))
  if (!existsSync(folder)) write(folder, files)
  removeOld(folder)
  return folder
}

/** A module that looks for something beside itself goes on finding it beside its source. */
const ownAddress = {
  name: 'own-address',
  setup: ({ onLoad }) =>
    onLoad({ filter: /\.ts$/ }, ({ path }) => ({
      loader: 'ts',
      contents: readFileSync(path, 'utf8').replaceAll(
        'import.meta.url',
        JSON.stringify(pathToFileURL(path).href),
      ),
    })),
}

/** Imports by a package's name stay imports. */
const packagesOutside = {
  name: 'packages-outside',
  setup: ({ onResolve }) =>
    onResolve({ filter: /^[^./]/ }, ({ path, kind }) =>
      kind === 'entry-point' || bundled.test(path) ? undefined : { path, external: true },
    ),
}

function write(folder, files) {
  const half = `${folder}.${process.pid}`
  for (const { path, contents } of files) {
    mkdirSync(dirname(join(half, path)), { recursive: true })
    writeFileSync(join(half, path), contents)
  }
  rmSync(folder, { recursive: true, force: true })
  renameSync(half, folder)
}

function removeOld(current) {
  for (const folder of readdirSync(builds).map((name) => join(builds, name))) {
    if (folder !== current && Date.now() - statSync(folder).mtimeMs > keptForMs) {
      rmSync(folder, { recursive: true, force: true })
    }
  }
}
