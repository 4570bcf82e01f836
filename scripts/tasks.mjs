// What the commands of package.json do once Node, pnpm and the dependencies are there.

/** The demo and the tests run the packages from their sources. */
const fromSource = '--conditions=@kubeloop/source';

/** Each step of `npm run check`, in the order in which a mistake is cheapest to find: what it checks, and the command. */
const checks = new Map(
  Object.entries({
    format: 'pnpm oxfmt --check .',
    lint: 'pnpm oxlint --type-aware --deny-warnings',
    imports: 'pnpm depcruise --config .dependency-cruiser.mjs packages apps',
    'types of the scripts': 'pnpm tsc -p tsconfig.json',
    types: 'pnpm turbo run typecheck --output-logs=errors-only',
    tests: 'pnpm vitest run',
    'code in the documentation': 'node scripts/docs-test.ts',
    'promises and their tests': 'node scripts/semantics-check.ts',
    build: 'pnpm turbo run build --output-logs=errors-only',
    'packed tarballs': 'node scripts/pack-check.ts',
    weight: 'node scripts/weight.ts',
    'API reports': 'pnpm turbo run api:check --output-logs=errors-only',
    changesets: 'pnpm changeset status',
    'known vulnerabilities': 'node scripts/audit.ts',
  }),
);

const tasks = {
  demo: (options, run) => run('node', [fromSource, 'apps/sample/src/main.ts', ...options]),
  test: (options, run) => run('pnpm', ['vitest', 'run', ...options]),
  'test:integration': (options, run) =>
    run('pnpm', ['vitest', 'run', '--config', 'vitest.integration.config.ts', ...options]),
  chaos: (options, run) => run('node', [fromSource, 'apps/chaos/src/main.ts', ...options]),
  bench: (options, run) =>
    run('node', [fromSource, 'apps/bench/src/pod-informers/main.ts', ...options]),
  check,
};

/**
 * @param {string | undefined} name - one of the tasks above
 * @param {readonly string[]} options - passed on to the task
 * @param {(command: string, options: readonly string[], environment?: Record<string, string>) => Promise<number>} run
 * @returns {Promise<number>} the exit code
 */
export async function runTask(name, options, run) {
  const task = name !== undefined && Object.hasOwn(tasks, name) ? tasks[name] : undefined;
  if (task) return await task(options, run);
  console.error(`Cannot run task "${name}": the tasks are ${Object.keys(tasks).join(', ')}`);
  return 2;
}

/** Runs every check, or those whose names contain one of the given words, and says at the end which failed. */
async function check(words, run) {
  const chosen = [...checks].filter(
    ([name]) => words.length === 0 || words.some((word) => name.includes(word)),
  );
  const failed = [];
  for (const [name, line] of chosen) {
    const startedMs = performance.now();
    console.log(`\n── ${name}`);
    const [command = '', ...options] = line.split(' ');
    const code = await run(command, options, { TURBO_TELEMETRY_DISABLED: '1', DO_NOT_TRACK: '1' });
    const seconds = ((performance.now() - startedMs) / 1000).toFixed(1);
    console.log(`── ${name}: ${code === 0 ? 'passed' : 'FAILED'} in ${seconds} s`);
    if (code !== 0) failed.push(name);
  }
  console.log(
    failed.length === 0
      ? `\nAll ${chosen.length} checks passed`
      : `\n${failed.length} of ${chosen.length} checks failed: ${failed.join(', ')}`,
  );
  return failed.length === 0 ? 0 : 1;
}
