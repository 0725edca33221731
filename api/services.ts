import type { Logger } from 'pino'
import type { Config } from '../config.ts'
import type { CarrierGateway } from '../gateways/easypost.ts'
import type { Flows } from '../gateways/flows.ts'
import type { ReadHook } from '../gateways/hooks.ts'
import type { ProductFiles } from '../gateways/product-files.ts'
import type { Tokens } from '../gateways/tokens.ts'
import type { Provider } from '../domain/provider-events.ts'
import type { SearchEngine } from '../domain/search.ts'
import type { Databases } from '../store/db.ts'
import type { Carts } from './carts.ts'

/** Everything that the API works with. It is handed over, so that the door knows no vendor and a test can stand in for each. */
export interface Services {
  readonly databases: Databases
  readonly flows: Flows
  readonly carrier: CarrierGateway
  /** Who reads what each provider posts. */
  readonly hooks: Readonly<Record<Provider, ReadHook>>
  readonly tokens: Tokens
  readonly files: ProductFiles
  /** The engines that can be searched, the best first; the last one is the one that is always there. */
  readonly search: readonly SearchEngine[]
  readonly shop: Config['shop']
  readonly stock: Config['stock']
  readonly door: Omit<Config['api'], 'tls'> & {
    readonly tls?: { readonly cert: Buffer; readonly key: Buffer }
  }
  readonly log: Logger
}

/** The same with what the API keeps for itself. */
export interface ApiServices extends Services {
  readonly carts: Carts
}
