import { defineConfig } from 'vitest/config';
import PlainSummaryReporter from './scripts/plain-summary-reporter.ts';

/** Every test that needs no Go. The real control plane has its own run: vitest.integration.config.ts. */
export default defineConfig({
  test: {
    projects: ['packages/*', 'apps/*'],
    reporters: ['default', new PlainSummaryReporter()],
  },
});
