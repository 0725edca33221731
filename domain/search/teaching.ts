import type { SearchSettings } from '../search.ts'
import { wordsOf } from './words.ts'

/** What is wrong with settings: of which list, under which name (a JSON pointer's part), and why. */
export interface SettingsFault {
  readonly path: readonly (string | number)[]
  readonly detail: string
}

/**
 * Settings that every engine understands alike: a synonym is looked up by one word, as it is searched (small, without accents), and
 * leads to words. A word that is compared like another one would silently lose to it.
 */
export function faultsOfSettings({ synonyms, stopWords }: SearchSettings): SettingsFault[] {
  const faults: SettingsFault[] = []
  const seen = new Map<string, string>()
  for (const [name, others] of Object.entries(synonyms)) {
    const path = ['synonyms', name]
    const [word, ...more] = wordsOf(name)
    if (word === undefined || more.length > 0) faults.push({ path, detail: 'is not one word.' })
    else if (seen.has(word))
      faults.push({ path, detail: `is searched like "${seen.get(word)}": put them together.` })
    else seen.set(word, name)
    for (const [index, other] of others.entries()) {
      const words = wordsOf(other)
      if (words.length === 0) faults.push({ path: [...path, index], detail: 'holds no word.' })
      else if (words.length === 1 && words[0] === word)
        faults.push({ path: [...path, index], detail: 'is the word itself.' })
    }
  }
  for (const [index, word] of stopWords.entries()) {
    if (wordsOf(word).length !== 1) faults.push({ path: ['stop_words', index], detail: 'is not one word.' })
  }
  return faults
}
