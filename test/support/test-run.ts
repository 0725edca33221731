/** What `npm test` hands to the test files: addresses of the servers that it started for them. */
export type Handed =
  | 'TEST_DATABASE_URL'
  | 'TEST_TEMPLATE_DB'
  | 'TEST_TEMPORAL_ADDRESS'
  | 'TEST_SERVER_PATH'
  | 'TEST_BUNDLE'
  | 'CARTWRIGHT_BUILD'

/** Throws a sentence that says how to run the file when it was run without its servers. */
export function fromTestRun(name: Handed): string {
  const value = process.env[name]
  if (value) return value
  const file = process.argv[1]?.replace(`${process.cwd()}/`, '') ?? 'test/the-file.test.ts'
  throw new Error(`This test needs a server that npm test starts (${name}): run it by "npm test -- ${file}".`)
}
