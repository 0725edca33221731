/**
 * Installs the dependencies when they are missing or belong to another lockfile. Imports nothing that would have to be installed.
 */
import { createHash } from 'node:crypto'
import { spawn } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const projectFolder = dirname(dirname(fileURLToPath(import.meta.url)))

const modules = join(projectFolder, 'node_modules')
const stampFile = join(modules, '.cartwright-installed')

/** Makes `node_modules` fit the lockfile, saying so in one line if that takes work. Throws with npm's own words if npm fails. */
export async function ensureInstalled() {
  const lockfile = readFileSync(join(projectFolder, 'package-lock.json'), 'utf8')
  const wanted = createHash('sha256').update(`${process.platform} ${process.arch} ${lockfile}`).digest('hex')
  if (textOf(stampFile) === wanted) return
  if (!fitsAlready(JSON.parse(lockfile))) await install()
  writeFileSync(stampFile, wanted)
}

/** Whether somebody ran npm here by hand with this very lockfile: npm keeps its own account of what it put there. */
function fitsAlready(lockfile) {
  const account = textOf(join(modules, '.package-lock.json'))
  if (account === undefined) return false
  const installed = JSON.parse(account).packages
  return Object.entries(lockfile.packages).every(
    ([path, { version, optional }]) =>
      path === '' || installed[path]?.version === version || (optional && installed[path] === undefined),
  )
}

async function install() {
  const begin = Date.now()
  process.stdout.write('Installing the dependencies … ')
  const { code, output } = await npm('ci', '--no-audit', '--no-fund', '--loglevel=error')
  const seconds = `${((Date.now() - begin) / 1000).toFixed(1)} s`
  if (code === 0) return void process.stdout.write(`done in ${seconds}\n`)
  process.stdout.write(`failed after ${seconds}\n\n`)
  throw new Error(`${output.trim()}\n\nnpm could not install the dependencies; its own words are above.`)
}

/** Runs npm: the one that runs us, if there is one, else the one on the PATH. */
function npm(...args) {
  const own = process.env.npm_execpath
  const [file, first] = own?.endsWith('.js') ? [process.execPath, [own]] : ['npm', []]
  return new Promise((resolve, reject) => {
    const child = spawn(file, [...first, ...args], { cwd: projectFolder, stdio: ['ignore', 'pipe', 'pipe'] })
    let output = ''
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text) => (output += text))
    }
    child.on('error', (error) =>
      reject(new Error(`npm could not be run (${error.message}): install Node with npm.`)),
    )
    child.on('close', (code) => resolve({ code, output }))
  })
}

function textOf(path) {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
}
