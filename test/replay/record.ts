import { mkdir, writeFile } from 'node:fs/promises'
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js'
import { TestWorkflowEnvironment } from '@temporalio/testing'
import { readLocalSettings, withEnvFile } from '../../dev/settings.ts'
import { addSearchAttributes } from '../../dev/temporal/namespace.ts'
import { temporalCli } from '../../dev/temporal/pins.ts'
import { findProgram } from '../../dev/temporal/programs.ts'
import { workflowBundle } from '../../workers/bundle.ts'
import { flowWorldOn } from '../support/flow-world.ts'
import { endings } from './endings.ts'

/**
 * `npm run histories`: plays every ending on a real Temporal server and writes its history anew; `npm run histories -- place-order`
 * those of one use case, `npm run histories -- place-order/expired` that one. Do this when an ending was added, never to make the
 * gate green: a history that no longer replays is an order somewhere that would get stuck.
 */
const folder = 'test/histories'
const asked = process.argv.slice(2)
const all = Object.entries(endings).flatMap(([useCase, stories]) =>
  Object.entries(stories).map(([name, ending]) => ({ useCase, name: `${useCase}/${name}`, ending })),
)
const isIt = (word: string, { useCase, name }: { useCase: string; name: string }): boolean =>
  word === useCase || word === name
const unknown = asked.filter((word) => !all.some((each) => isIt(word, each)))
if (unknown.length > 0) {
  console.error(
    `There is no ending ${unknown.join(', ')}. There are:\n${all.map(({ name }) => name).join('\n')}`,
  )
  process.exit(1)
}
const wanted = asked.length === 0 ? all : all.filter((each) => asked.some((word) => isIt(word, each)))

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
await addSearchAttributes(env.connection, 'default')
const world = await flowWorldOn(env, await workflowBundle({}))
for (const { useCase, name, ending } of wanted) {
  const workflowId = await ending(world)
  const history = await env.client.workflow.getHandle(workflowId).fetchHistory()
  // Stacks name the folder that they were recorded in; nobody else has it.
  const json = historyToJSON(history).replaceAll(`${process.cwd()}/`, '')
  await mkdir(`${folder}/${useCase}`, { recursive: true })
  await writeFile(`${folder}/${name}.json`, `${json}\n`)
  console.log(`${name}: ${history.events?.length} events`)
}
await world.close()
await env.teardown()
