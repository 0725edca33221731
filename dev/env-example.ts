/** The text of `.env.example`, from the tables that the settings are read with. */
import { productSettings } from '../settings/product.ts'
import { exampleOf } from '../settings/read.ts'
import { localSettings } from './settings.ts'

export const envExample = (): string => `\
# Every setting with its default. Copy this file to .env and take the # away from what you change; a copy changes nothing.
# What is set in the environment wins over what stands in .env. npm start fills in what is required and missing with a local
# part of its own: a Postgres, a Temporal, doubles of Stripe and EasyPost, a mailbox.
# This file is written by: npm run env:example

# ---- The shop -------------------------------------------------------------------------------------------------------

${exampleOf(productSettings)}
# ---- Only for the local shop that npm start runs --------------------------------------------------------------------

${exampleOf(localSettings)}`
