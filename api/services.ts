import type { Logger } from 'pino'
import type { Config } from '../config.ts'
import type { CarrierGateway } from '../gateways/easypost.ts'
import type { Flows } from '../gateways/flows.ts'
import type { ProductFiles } from '../gateways/product-files.ts'
import type { Tokens } from '../gateways/tokens.ts'
import type { Databases } from '../store/db.ts'
import type { Carts } from './carts.ts'

/** Everything that the API works with. It is handed over, so that the door knows no vendor and a test can stand in for each. */
export interface Services {
  readonly databases: Databases
  readonly flows: Flows
  readonly carrier: CarrierGateway
  readonly tokens: Tokens
  readonly files: ProductFiles
  readonly shop: Config['shop']
  readonly door: Omit<Config['api'], 'tls'> & {
    readonly tls?: { readonly cert: Buffer; readonly key: Buffer }
  readonly stock: Config['stock']
  }
  readonly log: Logger
}

/** The same with what the API keeps for itself. */
export interface ApiServices extends Services {
  readonly carts: Carts
}
