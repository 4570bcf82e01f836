import { configDefaults, defineProject, type UserWorkspaceConfig } from 'vitest/config';

/** Lets the packages resolve each other by their sources, so that no test needs a build. */
const conditions = ['@kubeloop/source', 'module', 'node', 'development|production'];

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
  return { ...config, test: { ...config.test, root, testTimeout: 60_000, hookTimeout: 60_000 } };
}

function project(name: string, include: string[], exclude: string[]): UserWorkspaceConfig {
  return defineProject({
    ssr: { resolve: { conditions } },
    test: {
      name,
      include,
      exclude: [...configDefaults.exclude, ...exclude],
      // Stories over HTTP wait for backoffs; a busy machine must not fail them.
      testTimeout: 30_000,
      hookTimeout: 30_000,
    },
  });
}
