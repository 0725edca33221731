import { execFileSync, spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { homedir } from 'node:os'
import { delimiter, join } from 'node:path'
import { createInterface } from 'node:readline'

const module = 'github.com/stripe/stripe-mock@v0.203.0'

/** Nobody to ask; the message says what to do about it. */
export class NoStripeMock extends Error {}

/**
 * Finds Stripe's own mock server: where `STRIPE_MOCK` says, on the `PATH`, in Go's bin folder, and at last by letting Go install it.
 */
export function findStripeMock(env: NodeJS.ProcessEnv): string {
  const told = env.STRIPE_MOCK
  if (told !== undefined && told !== '') {
    if (existsSync(told)) return told
    throw new NoStripeMock(
      `STRIPE_MOCK says ${told}, and nothing is there. Set it to the program, or leave it unset.`,
    )
  }
  const onPath = (env.PATH ?? '').split(delimiter).map((folder) => join(folder, 'stripe-mock'))
  const goBins = [env.GOBIN ?? '', join(env.GOPATH ?? join(homedir(), 'go'), 'bin')].map((bin) =>
    join(bin, 'stripe-mock'),
  )
  const found = [...onPath, ...goBins].find(existsSync)
  return found ?? install(goBins)
}

function install(places: readonly string[]): string {
  try {
    execFileSync('go', ['install', module], { stdio: ['ignore', 'ignore', 'pipe'] })
  } catch {
    throw new NoStripeMock(
      `stripe-mock was not found and could not be installed. Install Go and run "go install ${module}", or set STRIPE_MOCK to the program.`,
    )
  }
  const installed = places.find(existsSync)
  if (installed === undefined)
    throw new NoStripeMock('Go installed stripe-mock somewhere else. Set STRIPE_MOCK to the program.')
  return installed
}

/** Starts it on a free port. */
export async function startStripeMock(program: string): Promise<{ url: string; stop: () => void }> {
  const child = spawn(program, ['-http-addr', '127.0.0.1:'], { stdio: ['ignore', 'pipe', 'inherit'] })
  const failed = new Promise<never>((_, reject) => {
    child.on('error', (fault) => reject(new NoStripeMock(`${program} does not start: ${fault.message}`)))
    child.on('exit', (code) => reject(new NoStripeMock(`${program} ended with ${code} before it listened.`)))
  })
  failed.catch(() => undefined)
  const listening = (async () => {
    for await (const line of createInterface(child.stdout)) {
      const address = /Listening for HTTP at address: (\S+)/.exec(line)?.[1]
      if (address !== undefined) return `http://${address}`
    }
    return failed
  })()
  const url = await Promise.race([listening, failed])
  return { url, stop: () => child.kill() }
}
