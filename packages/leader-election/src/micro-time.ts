/**
 * A moment as `MicroTime` of Kubernetes has it: UTC with six digits of a second, such as `2026-01-02T03:04:05.678000Z`. Text of
 * this form sorts by time.
 *
 * @param epochMs - milliseconds since 1970, with a fraction if there is one
 * @throws RangeError for what is no time
 */
export function microTime(epochMs: number): string {
  const microseconds = Math.floor((epochMs - Math.floor(epochMs)) * 1000);
  const seconds = new Date(Math.floor(epochMs)).toISOString().slice(0, -1);
  return `${seconds}${String(microseconds).padStart(3, '0')}Z`;
}
