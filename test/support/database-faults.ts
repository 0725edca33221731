import { rows } from '../../store/db.ts'
import type { Db } from '../../store/db.ts'
import { mark } from './lossy-line.ts'

/** How a step goes wrong. */
export const kinds = [
  'fails before its effect',
  'fails after it',
  'times out',
  'has its worker killed',
] as const
export type Kind = (typeof kinds)[number]

/** Where a step leaves its mark in the database: the change of a row that only this step makes. */
export interface Trace {
  readonly table: string
  readonly on: 'insert' | 'update'
  /** Narrows it down; `old` and `new` are the row. */
  readonly when?: string
}

/**
 * Accidents inside the database. Each step that is watched meets the accident of this moment once: its transaction fails, or takes
 * longer than anybody waits, or is committed and its answer lost (over a `LossyLine`). Sequences count how often a step came by,
 * because what is rolled back cannot roll back a sequence.
 */
export interface DatabaseFaults {
  /** From now on every step goes wrong in this way, once. */
  begin(kind: Kind): Promise<void>
  end(): Promise<void>
  /** How often a step came by since `begin`; the first time it went wrong. */
  met(kind: Kind, place: string): Promise<number>
}

/** `lateMs` is how late an effect comes that comes too late. The database is the test's own: it is changed, and stays so. */
export async function watch(
  db: Db,
  { traces, lateMs }: { traces: Readonly<Record<string, Trace>>; lateMs: number },
): Promise<DatabaseFaults> {
  await db.raw(`
    create schema faults;
    create table faults.moment (kind text);
    create function faults.meet() returns trigger language plpgsql as $$
    declare
      place text := tg_argv[0];
      kind text := (select m.kind from faults.moment as m);
    begin
      if kind is null or nextval(format('faults.%I', kind || ': ' || place)) > 1 then return new; end if;
      case kind
        when 'fails before its effect' then raise exception 'told to fail: %', place;
        when 'fails after it' then raise notice '%', '${mark('cut', '')}' || place;
        when 'times out' then perform pg_sleep(${lateMs / 1000});
        when 'has its worker killed' then raise notice '%', '${mark('hold', '')}' || place;
      end case;
      return new;
    end $$;`)
  for (const [place, { table, on, when }] of Object.entries(traces)) {
    for (const kind of kinds) await db.raw(`create sequence faults."${kind}: ${place}"`)
    await db.raw(
      `create trigger "fault of ${place}" after ${on} on ${table} for each row
       ${when === undefined ? '' : `when (${when})`} execute function faults.meet('${place}')`,
    )
  }
  const end = async (): Promise<void> => void (await db.raw('delete from faults.moment'))
  return {
    begin: async (kind) => {
      await end()
      await db('faults.moment').insert({ kind })
    },
    end,
    met: async (kind, place) => {
      const [counter] = await rows<{ met: number }>(
        db,
        `select case when is_called then last_value else 0 end as met from faults."${kind}: ${place}"`,
      )
      return counter?.met ?? 0
    },
  }
}
