/** The words of whatever was thrown, also when it is an error that throws when it is read. */
export function messageOf(thrown: unknown): string {
  try {
    return String(thrown instanceof Error ? thrown.message : thrown);
  } catch {
    return 'an error that cannot be read';
  }
}
