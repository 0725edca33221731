/** Who may import whom. The table is in the README; each rule's name is the sentence that was broken. */
/** Node's own modules are of the type `core`, and are meant only where that is said. */
const only = (name, from, to, ...alsoOfType) => ({
  name,
  severity: 'error',
  from: { path: from },
  to: { pathNot: to, dependencyTypesNot: ['type-only', ...alsoOfType] },
})
const typesOnly = (name, from, to) => ({
  name,
  severity: 'error',
  from: { path: from },
  to: { path: to, dependencyTypesNot: ['type-only'] },
})
const never = (name, from, to) => ({ name, severity: 'error', from: { path: from }, to: { path: to } })

module.exports = {
  forbidden: [
    { name: 'no-circles', severity: 'error', from: {}, to: { circular: true } },
    never('the-domain-knows-nothing-but-itself', '^domain/', '^(?!domain/)'),
    only(
      'workflows-are-deterministic',
      '^workflows/',
      '^(domain|workflows)/|node_modules/@temporalio/(workflow|common)/',
    ),
    never(
      'workflows-know-activities-by-type-only-and-nothing-else',
      '^workflows/',
      '^(store|gateways|api|workers|dev|test|bench|settings|config)',
    ),
    typesOnly('workflows-import-types-of-activities', '^workflows/', '^activities/'),
    only('the-store-is-sql', '^store/', '^(domain|store)/|node_modules/(knex|pg|typeid-js)/', 'core'),
    only(
      'a-gateway-hides-one-company',
      '^gateways/',
      '^(domain|gateways)/|^workflows/((stock|cancel|reship)-)?contract.ts|node_modules/',
      'core',
    ),
    never(
      'gateways-see-no-more-of-us',
      '^gateways/',
      '^(store|activities|api|workers|dev|test|bench|settings|config)',
    ),
    only(
      'activities-touch-the-world-through-store-and-gateways',
      '^activities/',
      '^(domain|store|activities)/|node_modules/@temporalio/(activity|common)/',
      'core',
    ),
    typesOnly('activities-import-types-of-gateways', '^activities/', '^gateways/'),
    never(
      'activities-do-not-look-up',
      '^activities/',
      '^(workflows|api|workers|dev|test|bench|settings|config)',
    ),
    never(
      'the-api-asks-workflows-through-gateways',
      '^api/(?!server.ts)',
      '^(workflows|activities|workers|dev|test|bench)/',
    ),
    typesOnly('the-api-is-handed-its-gateways', '^api/(?!server.ts)', '^gateways/'),
    never('the-engines-do-not-know-each-other', '^workers/', '^(api|dev|test|bench)/'),
    never('the-door-does-not-know-the-engines', '^api/server.ts', '^(workers|dev|test|bench|activities)/'),
    never(
      'the-product-knows-no-double',
      '^(domain|workflows|activities|store|gateways|api|workers|migrations|settings|config)',
      '^(dev|test|bench)/',
    ),
    {
      name: 'vendors-are-named-in-gateways-only',
      severity: 'error',
      from: { path: '^(domain|workflows|activities|store|api|migrations)/' },
      to: { path: 'node_modules/(stripe|@easypost/api|nodemailer|meilisearch)/' },
    },
    { name: 'every-import-resolves', severity: 'error', from: {}, to: { couldNotResolve: true } },
  ],
  options: {
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^\\.cartwright' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default', 'types'],
    },
  },
}
