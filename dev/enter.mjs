/**
 * The way in for every command. A fresh clone has nothing installed, and Node 20 runs no TypeScript: so this file needs neither. It
 * checks the ground, installs what is missing and goes on in TypeScript, in the same process.
 */
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { ensureInstalled, projectFolder } from './install.mjs'

const oldest = [20, 19]

/** Goes on in this file of the project, once the dependencies are there. Ends the process with one sentence if it cannot. */
export async function enter(file) {
  await prepare()
  const { register } = await import('tsx/esm/api')
  register()
  await import(pathToFileURL(join(projectFolder, file)).href)
}

/** Checks the ground, installs what is missing and steps into the project's folder. */
export async function prepare() {
  try {
    checkGround()
    process.chdir(projectFolder)
    await ensureInstalled()
  } catch (error) {
    console.error(error.message)
    process.exit(1)
  }
}

function checkGround() {
  const [major, minor] = process.versions.node.split('.').map(Number)
  if (major < oldest[0] || (major === oldest[0] && minor < oldest[1])) {
    const wanted = oldest.join('.')
    throw new Error(
      `This needs Node ${wanted} or later, and here is ${process.versions.node}: install a newer one.`,
    )
  }
  if (process.platform !== 'linux' && process.platform !== 'darwin') {
    throw new Error(
      `This runs on Linux and macOS, and here is ${process.platform}: on Windows, run it inside WSL.`,
    )
  }
}
