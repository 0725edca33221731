/**
 * What a secret key of a machine or an admin may do. A key holds a list of these; `*` stands for all of them, those of later
 * versions included.
 */
export const permissions = [
  'orders:read',
  'deliveries:read',
  'deliveries:replay',
  'orders:cancel',
  'orders:refund',
  'orders:resolve',
  'orders:reship',
  'orders:restock',
  'orders:mail',
  'findings:read',
  'findings:resolve',
  'provider-events:read',
  'provider-events:replay',
  'stock:read',
  'stock:write',
  'purchasing:read',
  'purchasing:write',
  'catalog:read',
  'catalog:write',
] as const
export type Permission = (typeof permissions)[number]

export type Grant = Permission | '*'

export function isGrant(text: string): text is Grant {
  return text === '*' || (permissions as readonly string[]).includes(text)
}

export function grants(held: readonly Grant[], wanted: Permission): boolean {
  return held.includes('*') || held.includes(wanted)
}
