import type { WriteStream } from 'node:tty';

/** Draws pages over each other on a terminal, without flicker and without leaving traces. */
export class Screen {
  readonly #terminal: WriteStream;
  #isOpen = false;

  constructor(terminal: WriteStream) {
    this.#terminal = terminal;
  }

  /** Switches to a screen of its own, hides the cursor, and cuts off lines that are too long. */
  open(): void {
    this.#isOpen = true;
    this.#terminal.write('\u001B[?1049h\u001B[?25l\u001B[?7l');
  }

  /** Shows a page; what does not fit is cut off. */
  draw(lines: readonly string[]): void {
    if (!this.#isOpen) return;
    const shown = lines.slice(0, this.#terminal.rows - 1);
    this.#terminal.write(`\u001B[H${shown.map((line) => `${line}\u001B[K`).join('\n')}\u001B[J`);
  }

  /** Gives the terminal back as it was. */
  close(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#terminal.write('\u001B[?7h\u001B[?25h\u001B[?1049l');
  }
}
