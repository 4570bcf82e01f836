/** What a test had to do before some time came took longer than that on this machine, so that it proves nothing. */
export class TooSlow extends Error {
  constructor(tookMs: number, limitMs: number) {
    super(
      `The machine or the engine took ${Math.round(tookMs)} ms for what a test must do within ${Math.round(limitMs)} ms; give a longer delayMs`,
    );
    this.name = 'TooSlow';
  }
}

/** How often a test may be too slow. */
const attempts = 5;

/** Runs a test, again if it was too slow. */
export async function unlessTooSlow(run: () => Promise<void>): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      await run();
      return;
    } catch (error) {
      if (!(error instanceof TooSlow) || attempt === attempts) throw error;
    }
  }
}
