/**
 * One part of the shop as a process group of its own. It writes its log straight into a file, so neither a slow reader nor the death
 * of the supervisor can hold it up.
 */
import { spawn } from 'node:child_process'
import { closeSync, fstatSync, openSync, renameSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Advice } from './advice.ts'
import { lastLines } from './logs.ts'
import type { Log } from './logs.ts'
import { markOf, signalGroup } from './processes.ts'
import type { ProcessMark } from './processes.ts'
import type { Roll, Stopping } from './roll.ts'

/** A program that is to be kept running. */
export interface Part {
  readonly name: string
  readonly command: Command
  /** Resolves once the part does its work; rejects when `signal` is aborted. */
  readonly ready: (given: { signal: AbortSignal; log: Log }) => Promise<void>
  readonly stopping: Stopping
}

export interface Command {
  readonly file: string
  readonly args: readonly string[]
  /** The whole environment of the part: nothing is inherited. */
  readonly env: NodeJS.ProcessEnv
  readonly cwd: string
  /** Another user to run as, which only root may ask for. */
  readonly as?: { readonly uid: number; readonly gid: number }
}

export interface RunningPart {
  readonly part: Part
  readonly log: Log
  /** Resolves with how it ended, in words; never rejects. */
  readonly ended: Promise<string>
  /** Asks it to stop, waits for its time of grace and kills what is left. */
  readonly end: () => Promise<void>
  /** Kills it now. */
  readonly kill: () => void
}

export const logFileOf = ({ folder, name }: { folder: string; name: string }): string =>
  join(folder, 'logs', `${name}.log`)

/** Starts a part and puts it on the roll. Throws `Advice` if the program cannot be run. */
export async function launch({
  part,
  folder,
  roll,
}: {
  part: Part
  folder: string
  roll: Roll
}): Promise<RunningPart> {
  const { file, args, env, cwd, as } = part.command
  const logFile = logFileOf({ folder, name: part.name })
  const handle = openSync(logFile, 'a')
  const log = { file: logFile, from: fstatSync(handle).size }
  const child = spawn(file, args, { cwd, env, ...as, detached: true, stdio: ['ignore', handle, handle] })
  closeSync(handle)
  const over = new Promise<string>((resolve) => {
    child.once('error', (error) => resolve(`could not be run (${error.message})`))
    child.once('exit', (code, signal) =>
      resolve(signal === null ? `ended with code ${code}` : `was ended by ${signal}`),
    )
  })
  const mark = child.pid === undefined ? undefined : markOf(child.pid)
  if (mark === undefined) throw failure({ part, log, how: await over })
  roll.enter({ name: part.name, mark, stopping: part.stopping })
  const ended = over.then((how) => {
    // Children of a dead part must not keep its port or its files from the next one.
    signalGroup(mark.pid, 'SIGKILL')
    roll.leave(mark)
    return how
  })
  return {
    part,
    log,
    ended,
    end: () => end({ mark, ended, stopping: part.stopping }),
    kill: () => void signalGroup(mark.pid, 'SIGKILL'),
  }
}

async function end({
  mark,
  ended,
  stopping: { signal, graceMs },
}: {
  mark: ProcessMark
  ended: Promise<string>
  stopping: Stopping
}): Promise<void> {
  const over = new AbortController()
  signalGroup(mark.pid, signal)
  const patience = sleep(graceMs, 'too long', { signal: over.signal }).catch(() => 'ended')
  if ((await Promise.race([patience, ended])) === 'too long') signalGroup(mark.pid, 'SIGKILL')
  await ended
  over.abort()
}

/** What to tell when a part did not come up: how it ended and the last that it said. */
export function failure({ part, log, how }: { part: Part; log: Log; how: string }): Advice {
  return new Advice(`${part.name} ${how}. The end of its log, ${log.file}:\n${lastLines(log.file, 15)}`)
}

/** Each start of the shop has logs of its own; those of the start before are kept. */
export function keepLastLog(file: string): void {
  try {
    renameSync(file, `${file}.last`)
  } catch {
    // There was no start before this one.
  }
}
