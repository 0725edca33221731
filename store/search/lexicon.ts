import { teachingsOf } from '../../domain/search/meanings.ts'
import type { Teachings } from '../../domain/search/meanings.ts'
import { Vocabulary } from '../../domain/search/vocabulary.ts'
import { rows } from '../db.ts'
import type { Db } from '../db.ts'
import { readSettings } from './settings.ts'

/** What a process knows of the shop's words. */
export interface Lexicon {
  readonly vocabulary: Vocabulary
  readonly teachings: Teachings
}

/** The vocabulary of the shop, read once and then only what is new in it; and what the shop taught its search. */
export function openLexicon(db: Db): { read(): Promise<Lexicon> } {
  const vocabulary = new Vocabulary()
  let version = 0
  return {
    read: async () => {
      const words = await rows<{ word: string; changed: number }>(
        db,
        `select word, changed from catalog.search_words where changed > :version`,
        { version },
      )
      for (const { changed } of words) version = Math.max(version, changed)
      vocabulary.add(words.map(({ word }) => word))
      return { vocabulary, teachings: teachingsOf((await readSettings(db)).settings) }
    },
  }
}
