import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { startEasyPostDouble } from '../../dev/easypost-sim/main.ts'
import type { EasyPostDoubleSettings } from '../../dev/easypost-sim/main.ts'
import type { Fault, FiredFault } from '../../dev/sim-kit/faults.ts'
import type { Deed } from '../../dev/sim-kit/server.ts'
import { startMailDouble } from '../../dev/smtp-sim/main.ts'

/** A folder that is gone when the test is. */
export async function aFolder(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'cartwright-'))
  t.after(() => rm(folder, { recursive: true, force: true }))
  return folder
}

const anHourMs = 60 * 60 * 1000

/** A carrier whose parcels stand still unless they are moved. It ends with the test. */
export async function aCarrier(t: TestContext, settings: Partial<EasyPostDoubleSettings> = {}) {
  const stateDir = settings.stateDir ?? (await aFolder(t))
  const apiKey = 'EZTK_test'
  const double = await startEasyPostDouble({
    port: 0,
    host: '127.0.0.1',
    stateDir,
    apiKey,
    stepMs: anHourMs,
    ...settings,
  })
  t.after(() => double.close())
  return { ...double, ...control(double.url), apiKey, baseUrl: `${double.url}/v2/`, stateDir }
}

/** A post office. It ends with the test. */
export async function aPostOffice(t: TestContext, settings: { stateDir?: string } = {}) {
  const stateDir = settings.stateDir ?? (await aFolder(t))
  const double = await startMailDouble({ smtpPort: 0, httpPort: 0, host: '127.0.0.1', stateDir })
  t.after(() => double.close())
  return { ...double, ...control(double.url), stateDir }
}

/** The control routes that every double has. */
export function control(url: string) {
  const send = async (path: string, body: unknown): Promise<Response> =>
    fetch(`${url}/_control/${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })
  return {
    send,
    async fault(fault: Fault): Promise<void> {
      const answer = await send('faults', fault)
      if (!answer.ok) throw new Error(await answer.text())
    },
    async faults(): Promise<FiredFault[]> {
      return (await (await fetch(`${url}/_control/faults`)).json()) as FiredFault[]
    },
    /** Takes back all accidents that were ordered. */
    async forget(): Promise<void> {
      await fetch(`${url}/_control/faults`, { method: 'DELETE' })
    },
    /** What was really done, by operation. */
    async deeds(operation: string): Promise<Deed[]> {
      return (await (await fetch(`${url}/_control/ledger?operation=${operation}`)).json()) as Deed[]
    },
  }
}
