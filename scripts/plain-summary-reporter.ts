import type { Reporter, TestModule, TestRunEndReason } from 'vitest/node';

/** Ends a run with the plain line `N passed, N failed, N skipped`, which CI reads. */
export default class PlainSummaryReporter implements Reporter {
  onTestRunEnd(
    modules: readonly TestModule[],
    unhandledErrors: readonly unknown[],
    _reason: TestRunEndReason,
  ): void {
    const count = { passed: 0, failed: unhandledErrors.length, skipped: 0, pending: 0 };
    for (const module of modules) {
      let ran = 0;
      for (const test of module.children.allTests()) {
        count[test.result().state] += 1;
        ran += 1;
      }
      // A file that cannot even be loaded has no tests to count, but it has failed.
      if (ran === 0 && module.state() === 'failed') count.failed += 1;
    }
    process.stdout.write(
      `\n${count.passed} passed, ${count.failed} failed, ${count.skipped + count.pending} skipped\n`,
    );
  }
}
