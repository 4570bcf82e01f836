import { readFile, writeFile } from 'node:fs/promises';

/** The memory of a process in bytes: what it has now, and the most it had since it started or since {@link forgetPeak}. */
export interface Resident {
  readonly now: number;
  readonly peak: number;
}

/** Reads from /proc how much memory a process has. Linux only. */
export async function residentOf(pid: number): Promise<Resident> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  const bytes = (name: string): number => {
    const found = new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(status);
    if (!found) throw new Error(`Cannot read the memory of process ${pid}: it has no ${name}`);
    return Number(found[1]) * 1024;
  };
  return { now: bytes('VmRSS'), peak: bytes('VmHWM') };
}

/** Lets the peak start again at what the process has now. */
export async function forgetPeak(pid: number): Promise<void> {
  await writeFile(`/proc/${pid}/clear_refs`, '5');
}
