import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';
import PlainSummaryReporter from './scripts/plain-summary-reporter.ts';

/** Every test that needs no Go. The real control plane has its own run: vitest.integration.config.ts. */
export default defineConfig({
  test: {
    projects: ['packages/*', 'apps/*'],
    // The tests over HTTP spend most of their time waiting.
    maxWorkers: Math.max(4, availableParallelism()),
    reporters: ['default', new PlainSummaryReporter()],
  },
});
