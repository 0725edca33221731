import { spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { findRunningShop } from '../../dev/running-shop.ts'
import type { RunningShop } from '../../dev/running-shop.ts'
import { freePort } from '../../dev/supervisor/ports.ts'
import { readRoll } from '../../dev/supervisor/roll.ts'

/** A whole shop of this run's own: other ports, a folder that goes with it. Its supervisor starts again whatever is killed. */
export interface OwnShop extends RunningShop {
  readonly folder: string
  /** Kills one part now (`kill -9` of its process group). False: it is down already. */
  kill(part: string): boolean
  stop(): Promise<void>
}

const ports = [
  'LOCAL_POSTGRES_PORT',
  'LOCAL_TEMPORAL_PORT',
  'LOCAL_TEMPORAL_UI_PORT',
  'LOCAL_STRIPE_PORT',
  'LOCAL_EASYPOST_PORT',
  'LOCAL_SMTP_PORT',
  'LOCAL_MAILBOX_PORT',
  'API_PORT',
] as const

export async function openOwnShop(settings: NodeJS.ProcessEnv): Promise<OwnShop> {
  const folder = await mkdtemp(join(tmpdir(), 'cartwright-faults-'))
  const chosen = await Promise.all(ports.map(async (name) => [name, String(await freePort())] as const))
  const env: NodeJS.ProcessEnv = {
    ...process.env,
    LOCAL_STATE: folder,
    ...Object.fromEntries(chosen),
    ...settings,
  }
  const child = spawn(process.execPath, ['dev/start.mjs'], { env, stdio: ['ignore', 'pipe', 'inherit'] })
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  const stop = async (): Promise<void> => {
    child.kill('SIGTERM')
    await exited
    await rm(folder, { recursive: true, force: true })
  }
  await new Promise<void>((resolve, reject) => {
    let said = ''
    child.stdout.on('data', (piece: Buffer) => {
      said += piece.toString()
      if (said.includes('Ready in')) resolve()
    })
    void exited.then(() => reject(new Error(`The shop did not start:\n${said}`)))
  })
  const shop = await findRunningShop(env)
  const kill = (part: string): boolean => {
    const entry = readRoll(folder).find(({ name }) => name === part)
    if (!entry) return false
    try {
      process.kill(-entry.mark.pid, 'SIGKILL')
      return true
    } catch {
      return false
    }
  }
  return { ...shop, folder, kill, stop }
}
