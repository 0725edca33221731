/** Keeps parts running: starts again what dies, and stops everything in order. */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { messageOf } from './advice.ts'
import { failure, keepLastLog, launch, logFileOf } from './part.ts'
import type { Part, RunningPart } from './part.ts'
import { inStopOrder, openRoll } from './roll.ts'
import type { Roll } from './roll.ts'

export interface Patience {
  /** How long a part may take until it is ready. */
  readonly readyMs: number
  /** The pause before a part that died is started again; it doubles with each death in a row, up to `longestMs`. */
  readonly pauseMs: number
  readonly longestMs: number
}

const usualPatience: Patience = { readyMs: 60_000, pauseMs: 200, longestMs: 10_000 }

/** Thrown out of `start` when everything is being stopped. */
export class Stopped extends Error {}

export class Supervisor {
  readonly #folder: string
  readonly #say: (line: string) => void
  readonly #patience: Patience
  readonly #roll: Roll
  readonly #running = new Map<string, RunningPart>()
  readonly #stopped = new AbortController()
  #stopping: Promise<void> | undefined

  /** `folder` keeps the roll of running parts and their logs; `say` hears one line about each death and return. */
  constructor(given: { folder: string; say: (line: string) => void; patience?: Patience }) {
    this.#folder = given.folder
    this.#say = given.say
    this.#patience = given.patience ?? usualPatience
    this.#roll = openRoll(given.folder)
    mkdirSync(join(given.folder, 'logs'), { recursive: true })
  }

  /** Starts a part, resolves once it is ready, and keeps it running from then on. Throws `Advice` if it cannot be started. */
  async start(part: Part): Promise<void> {
    keepLastLog(logFileOf({ folder: this.#folder, name: part.name }))
    const started = await this.#launch(part)
    void this.#keep(started)
  }

  /** Stops everything, in order, and starts nothing any more. */
  stop(): Promise<void> {
    this.#stopping ??= this.#stop()
    return this.#stopping
  }

  async #stop(): Promise<void> {
    this.#stopped.abort()
    const parts = [...this.#running.values()].map(({ part, end }) => ({ stopping: part.stopping, end }))
    for (const together of inStopOrder(parts)) await Promise.all(together.map(({ end }) => end()))
  }

  /** Kills everything that runs, now. */
  kill(): void {
    this.#stopped.abort()
    for (const { kill } of this.#running.values()) kill()
  }

  async #launch(part: Part): Promise<RunningPart> {
    if (this.#stopped.signal.aborted) throw new Stopped()
    const running = await launch({ part, folder: this.#folder, roll: this.#roll })
    this.#running.set(part.name, running)
    const ended = running.ended.then((how) => {
      this.#running.delete(part.name)
      return how
    })
    try {
      await this.#untilReady({ ...running, ended })
    } catch (error) {
      await running.end()
      throw error
    }
    return { ...running, ended }
  }

  async #untilReady({ part, log, ended }: RunningPart): Promise<void> {
    const over = new AbortController()
    const signal = AbortSignal.any([over.signal, this.#stopped.signal])
    const late = sleep(this.#patience.readyMs, `was not ready within ${this.#patience.readyMs / 1000} s`, {
      signal,
    }).catch(() => 'was stopped')
    try {
      const outcome = await Promise.race([part.ready({ signal, log }).then(() => 'ready'), ended, late])
      if (outcome === 'ready') return
      throw failure({ part, log, how: outcome })
    } catch (error) {
      throw this.#stopped.signal.aborted ? new Stopped() : error
    } finally {
      over.abort()
    }
  }

  /** Starts the part again after each death, with a longer pause each time until it has been well for a while. */
  async #keep(first: RunningPart): Promise<void> {
    let current: RunningPart | undefined = first
    let pauseMs = this.#patience.pauseMs
    while (!this.#stopped.signal.aborted) {
      const since = Date.now()
      const how = await current?.ended
      if (this.#stopped.signal.aborted) return
      if (how !== undefined) this.#say(`${first.part.name} ${how}; it is started again`)
      if (Date.now() - since > this.#patience.longestMs) pauseMs = this.#patience.pauseMs
      await sleep(pauseMs, undefined, { signal: this.#stopped.signal }).catch(() => undefined)
      pauseMs = Math.min(pauseMs * 2, this.#patience.longestMs)
      current = await this.#again(first.part)
    }
  }

  async #again(part: Part): Promise<RunningPart | undefined> {
    const begin = Date.now()
    try {
      const running = await this.#launch(part)
      this.#say(`${part.name} is back after ${((Date.now() - begin) / 1000).toFixed(1)} s`)
      return running
    } catch (error) {
      if (!(error instanceof Stopped)) this.#say(messageOf(error))
      return undefined
    }
  }
}
