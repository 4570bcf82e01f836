import { readFile, writeFile } from 'node:fs/promises';

import type { Outcome } from './outcome.ts';

/** How client-go fared, by the titles of scenarios. */
export type Recording = Readonly<Record<string, Outcome>>;

function fileOf(topic: string): URL {
  return new URL(`../../recordings/informers/${topic}.json`, import.meta.url);
}

/** What is committed about a topic. */
export async function readRecording(topic: string): Promise<Recording> {
  // Written by the function below.
  return JSON.parse(await readFile(fileOf(topic), 'utf8')) as Recording;
}

/** Replaces what is committed about a topic. */
export async function writeRecording(topic: string, recording: Recording): Promise<void> {
  await writeFile(fileOf(topic), `${JSON.stringify(recording, null, 2)}\n`);
}
