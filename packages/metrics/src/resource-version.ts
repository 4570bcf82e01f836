/**
 * A resourceVersion as the value of a gauge: its last fifteen digits, so that the number is exact, as in client-go;
 * `undefined` when it is no number.
 */
export function resourceVersionValue(version: string): number | undefined {
  const digits = version.slice(-15);
  return /^[0-9]+$/.test(digits) ? Number(digits) : undefined;
}
