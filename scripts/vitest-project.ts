import { availableParallelism } from 'node:os';
import { configDefaults, defineProject, type UserWorkspaceConfig } from 'vitest/config';

/**
 * Lets the packages resolve each other by their sources, so that no test needs a build. Without Vite's own condition `module`: some
 * packages keep files for bundlers under it, which Node cannot load.
 */
const conditions = ['@kubeloop/source', 'node', 'development|production'];

/**
 * The tests of one folder that need nothing but Node.
 *
 * @param name - the folder's name, which is also the name to give to `--project`
 */
export function unitProject(name: string): UserWorkspaceConfig {
  return project(name, ['test/**/*.test.ts'], ['**/*.integration.test.ts']);
}

/**
 * The tests of one folder that need a real control plane: `test/*.integration.test.ts`.
 *
 * @param name - the folder's name, which is also the name to give to `--project`
 */
export function integrationProject(name: string, root: string): UserWorkspaceConfig {
  const config = project(name, ['test/**/*.integration.test.ts'], []);
  // One at a time: they share a control plane, and some of them hurt it or start others.
  const patience = { testTimeout: 60_000, hookTimeout: 60_000, maxWorkers: 1 };
  return { ...config, test: { ...config.test, ...patience, root } };
}

function project(name: string, include: string[], exclude: string[]): UserWorkspaceConfig {
  return defineProject({
    ssr: { resolve: { conditions } },
    test: {
      name,
      include,
      exclude: [...configDefaults.exclude, ...exclude],
      // Stories over HTTP spend most of their time waiting: more of them at a time than there are cores.
      maxWorkers: Math.max(4, availableParallelism()),
      // They wait for backoffs too, and a busy machine must not fail them.
      testTimeout: 30_000,
      hookTimeout: 30_000,
    },
  });
}
