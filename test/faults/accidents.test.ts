import { everythingHappensTo } from './matrix.ts'

everythingHappensTo('an order to which everything happens', {
  kinds: ['fails before its effect', 'fails after it', 'times out'],
  patienceMs: 5_000,
})
