import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { FastifyReply } from 'fastify'
import { readSettings } from '../../../store/search/settings.ts'
import type { VersionedSettings } from '../../../store/search/settings.ts'
import { ifMatchHeaders } from '../../schemas/common.ts'
import { SearchSettingsRequest, SearchSettingsView } from '../../schemas/search.ts'
import { replaceSettings } from '../../search-settings.ts'
import type { Services } from '../../services.ts'
import { versionProblems, versionTag } from '../../versions.ts'
import { catalogTags as tags, now, reading } from './catalog-requests.ts'

/** What the shop teaches its search. */
export const adminSearchSettingsRoutes: FastifyPluginAsyncTypebox<{ services: Services }> = async (
  app,
  { services },
) => {
  const db = services.databases.catalog

  app.get(
    '/search-settings',
    {
      config: reading,
      schema: {
        operationId: 'adminReadSearchSettings',
        tags,
        summary: 'Synonyms, and words that say nothing',
        response: { 200: SearchSettingsView.ref },
      },
    },
    async (_, reply) => tagged(reply, await readSettings(db)),
  )

  app.put(
    '/search-settings',
    {
      config: { permission: 'catalog:write', problems: ['request.invalid', ...versionProblems] },
      schema: {
        operationId: 'adminReplaceSearchSettings',
        tags,
        summary: 'Other synonyms and words that say nothing',
        description: 'In the place of all that there are. Every engine searches by them within two seconds.',
        headers: ifMatchHeaders,
        body: SearchSettingsRequest.ref,
        response: { 200: SearchSettingsView.ref },
      },
    },
    async (request, reply) => {
      const { synonyms, stop_words: stopWords } = request.body
      const ifMatch = request.headers['if-match']
      const settings = { synonyms, stopWords }
      return tagged(reply, await replaceSettings(db, { settings, ifMatch, ...now(request) }))
    },
  )
}

function tagged(reply: FastifyReply, { version, settings }: VersionedSettings) {
  reply.header('etag', versionTag(version))
  const { synonyms, stopWords } = settings
  return {
    synonyms: Object.fromEntries(Object.entries(synonyms).map(([word, others]) => [word, [...others]])),
    stop_words: [...stopWords],
    version,
  }
}
