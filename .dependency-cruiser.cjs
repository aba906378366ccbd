/**
 * Which room may import which (docs/adr/0014): `domain <- workflows <- activities <- server`, `domain <- rehearsal <- cli, server`,
 * `domain <- definitions/schema <- server, cli`, `store <- activities, server`. Whatever is not allowed here is refused.
 */
const ours = '^(domain|definitions/schema|rehearsal|workflows|activities|store|server|cli|bench|scripts|test)/';

/** `from` may import, of our rooms, only `to` (and itself). */
const only = (from, to, comment) => ({
  name: `rooms-of-${from.replaceAll(/[^a-z]/g, '-')}`,
  comment,
  severity: 'error',
  from: { path: `^${from}/` },
  to: { path: ours, pathNot: `^(${[from, ...to].join('|')})/` },
});

module.exports = {
  forbidden: [
    only('domain', [], 'The core imports nothing of ours.'),
    only('definitions/schema', ['domain'], 'The loader builds on the core alone.'),
    only('rehearsal', ['domain'], 'The rehearsal hosts the core in memory.'),
    only('workflows', ['domain'], 'Workflows are a loop around the core.'),
    only('store', ['domain', 'workflows/contract'], 'The store keeps what the core and the contract speak of.'),
    only(
      'activities',
      ['domain', 'store', 'workflows/contract', 'definitions/schema'],
      'Activities implement the contract over store and adapters.',
    ),
    only('activities/files', ['domain'], 'Files are read and written without a store: the offline verbs do it too.'),
    only(
      'server',
      ['domain', 'definitions/schema', 'rehearsal', 'workflows', 'activities', 'store'],
      'The composition roots see every room below them.',
    ),
    only(
      'cli',
      ['domain', 'definitions/schema', 'rehearsal', 'server/runtime', 'server/config', 'activities/files'],
      'The command line is a client of the HTTP API.',
    ),
    {
      name: 'cli-starts-only-in-lifecycle',
      comment:
        'Only up, down and doctor work on this machine without the API; operator: the first call of all is made by who can read the secrets of this machine.',
      severity: 'error',
      from: { path: '^cli/', pathNot: '^cli/(lifecycle|context|demo|operator)(/|\\.ts$)' },
      to: { path: '^server/' },
    },
    {
      name: 'pure-domain',
      comment: 'The core runs in workflows, in the rehearsal and in the linter: no I/O, and of libraries only decimal.js and cel-js.',
      severity: 'error',
      from: { path: '^domain/' },
      to: {
        dependencyTypes: ['core', 'npm', 'npm-dev', 'npm-optional', 'npm-peer', 'npm-no-pkg', 'npm-unknown'],
        pathNot: 'node_modules/(decimal\\.js|@marcbachmann/cel-js)/',
      },
    },
    {
      name: 'pure-rehearsal',
      comment: 'The rehearsal is as deterministic as the core.',
      severity: 'error',
      from: { path: '^rehearsal/' },
      to: { dependencyTypes: ['core', 'npm', 'npm-dev', 'npm-optional', 'npm-peer', 'npm-no-pkg', 'npm-unknown'] },
    },
    {
      name: 'workflow-libraries',
      comment: 'The bundle holds no zod, no yaml, no Node: what is bundled must be deterministic and small.',
      severity: 'error',
      from: { path: '^workflows/' },
      to: {
        dependencyTypes: ['core', 'npm', 'npm-dev', 'npm-optional', 'npm-peer', 'npm-no-pkg', 'npm-unknown'],
        pathNot: 'node_modules/(decimal\\.js|@marcbachmann/cel-js|@temporalio/(workflow|common))/',
      },
    },
    {
      name: 'sql-only-in-store',
      comment: 'Only the store speaks SQL; the runtime makes the embedded cluster itself.',
      severity: 'error',
      from: { path: '^(domain|definitions|rehearsal|workflows|activities|server|cli)/', pathNot: '^server/runtime/' },
      to: { path: 'node_modules/(pg|kysely|pg-copy-streams)/' },
    },
    { name: 'no-tests-in-products', severity: 'error', from: { pathNot: '^(test|bench|scripts)/' }, to: { path: '^(test|bench)/' } },
    { name: 'resolvable', severity: 'error', from: {}, to: { couldNotResolve: true } },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^(dist|\\.duban|console)/' },
    tsPreCompilationDeps: true,
    // TypeScript 7 has no API for it to parse with; swc sees type-only imports as well (circles of values: oxlint's import/no-cycle).
    parser: 'swc',
    moduleSystems: ['es6', 'cjs'],
    enhancedResolveOptions: {
      extensions: ['.ts', '.js', '.mjs', '.json'],
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default', 'types'],
    },
  },
};
