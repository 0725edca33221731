import { everythingHappensTo } from './matrix.ts'

everythingHappensTo('an order whose workers are killed', {
  kinds: ['has its worker killed'],
  // Longer than it takes until every step is held up: nobody is to hang up before he is killed.
  patienceMs: 60_000,
})
