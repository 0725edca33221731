import { mkdir, rm, writeFile } from 'node:fs/promises'
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js'
import { TestWorkflowEnvironment } from '@temporalio/testing'
import { readLocalSettings, withEnvFile } from '../../dev/settings.ts'
import { temporalCli } from '../../dev/temporal/pins.ts'
import { findProgram } from '../../dev/temporal/programs.ts'
import { workflowBundle } from '../../workers/bundle.ts'
import { flowWorldOn } from '../support/flow-world.ts'
import { place } from '../support/placing.ts'
import { endings } from './endings.ts'

/**
 * `npm run histories`: plays every ending on a real Temporal server and writes the histories anew. Do this when an ending was added,
 * never to make the gate green: a history that no longer replays is an order somewhere that would get stuck.
 */
const folder = 'test/histories'
const settings = readLocalSettings(withEnvFile(process.env))
const path = await findProgram({
  program: temporalCli,
  configured: settings.TEMPORAL_CLI,
  cacheFolder: settings.XDG_CACHE_HOME,
  path: process.env.PATH ?? '',
  say: (line) => console.log(line),
})
const env = await TestWorkflowEnvironment.createLocal({
  server: { executable: { type: 'existing-path', path } },
})
const world = await flowWorldOn(env, await workflowBundle({}))
await rm(folder, { recursive: true, force: true })
await mkdir(folder, { recursive: true })
for (const [name, story] of Object.entries(endings)) {
  let workflowId = ''
  await place(world, {
    ...story,
    then: async (placed) => {
      workflowId = placed.handle.workflowId
      await story.then?.(placed)
    },
  })
  const history = await env.client.workflow.getHandle(workflowId).fetchHistory()
  // Stacks name the folder that they were recorded in; nobody else has it.
  const json = historyToJSON(history).replaceAll(`${process.cwd()}/`, '')
  await writeFile(`${folder}/${name}.json`, `${json}\n`)
  console.log(`${name}: ${history.events?.length} events`)
}
await world.close()
