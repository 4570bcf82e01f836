import { readdirSync } from 'node:fs';
import { defineConfig } from 'vitest/config';
import PlainSummaryReporter from './scripts/plain-summary-reporter.ts';
import { integrationProject } from './scripts/vitest-project.ts';

const members = ['packages', 'apps'].flatMap((folder) =>
  readdirSync(folder).map((name) => ({ name, root: `${folder}/${name}` })),
);

/** The tests on a real control plane: one is started before them and stopped after them. */
export default defineConfig({
  test: {
    projects: members.map(({ name, root }) => integrationProject(name, root)),
    globalSetup: ['apps/control-plane/src/global-setup.ts'],
    reporters: ['default', new PlainSummaryReporter()],
    passWithNoTests: true,
    fileParallelism: false,
  },
});
