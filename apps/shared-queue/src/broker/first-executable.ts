import { access, constants } from 'node:fs/promises';
import { delimiter, join } from 'node:path';

/** The folders of `PATH`. */
export function pathFolders(): string[] {
  return (process.env['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '');
}

/** Path of a program in the first of several folders that has it; `undefined` where none has. */
export async function firstExecutable(
  name: string,
  folders: readonly string[],
): Promise<string | undefined> {
  for (const folder of folders) {
    const path = join(folder, name);
    const isThere = await access(path, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (isThere) return path;
  }
  return undefined;
}
