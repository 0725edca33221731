import type { SearchSettings } from '../../domain/search.ts'
import { teachingsOf } from '../../domain/search/meanings.ts'
import type { Teachings } from '../../domain/search/meanings.ts'
import { Vocabulary } from '../../domain/search/vocabulary.ts'
import { rows } from '../db.ts'
import type { Db } from '../db.ts'

/** What a process knows of the shop's words. */
export interface Lexicon {
  readonly vocabulary: Vocabulary
  readonly teachings: Teachings
}

/** A word that is new is forgiven its typos after this long; it is found as it is at once. */
const freshMs = 500

/** The vocabulary of the shop, read once and then only what is new in it; and what the shop taught its search. */
export function openLexicon(db: Db): { current(): Promise<Lexicon> } {
  const vocabulary = new Vocabulary()
  let position = 0
  let lexicon: Promise<Lexicon> | null = null
  let until = 0

  const read = async (): Promise<Lexicon> => {
    const words = await rows<{ word: string; position: number }>(
      db,
      `select position, word from catalog.search_words where position > :position order by position`,
      { position },
    )
    position = words.at(-1)?.position ?? position
    vocabulary.add(words.map(({ word }) => word))
    return { vocabulary, teachings: teachingsOf((await readSettings(db)).settings) }
  }
  return {
    current: () => {
      const now = Date.now()
      if (lexicon && now < until) return lexicon
      const reading = read()
      lexicon = reading
      until = now + freshMs
      reading.catch(() => {
        if (lexicon === reading) lexicon = null
      })
      return reading
    },
  }
}

/** What the shop taught its search, and which version of it. */
export async function readSettings(db: Db): Promise<{ version: number; settings: SearchSettings }> {
  const [found] = await rows<{ version: number } & SearchSettings>(
    db,
    `select version, synonyms, stop_words as "stopWords" from catalog.search_settings`,
  )
  if (!found) return { version: 0, settings: { synonyms: {}, stopWords: [] } }
  const { version, synonyms, stopWords } = found
  return { version, settings: { synonyms, stopWords } }
}
