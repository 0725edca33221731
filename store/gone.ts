// SQLSTATE classes (PostgreSQL, appendix A): connection, resources, operator intervention, transaction rollback; 25006 is a
// server that only reads, 55P03 a lock that was not to be had.
const passingStates = /^(08|53|57P|40)|^(25006|55P03)$/
const passingErrnos = new Set(['ECONNREFUSED', 'ECONNRESET', 'ETIMEDOUT', 'EPIPE', 'ENOTFOUND', 'EAI_AGAIN'])

/** Whether the database could not be asked, and may be there again soon: it was not there, went away, or was too busy. */
export function isDatabaseGone(error: Error): boolean {
  const code = 'code' in error && typeof error.code === 'string' ? error.code : ''
  if (passingErrnos.has(code) || (/^[0-9A-Z]{5}$/.test(code) && passingStates.test(code))) return true
  // node-postgres has no code for a connection that was cut, or could not be made in time.
  return /Connection terminated|timeout exceeded when trying to connect/.test(error.message)
}
