/**
 * Compares two resourceVersions of objects of the same resource: -1 when `a` is older, 0 when equal, 1 when newer.
 *
 * Since Kubernetes 1.35 servers promise that they are decimal numbers which can be ordered (KEP-5504); they may have
 * up to 128 bits, so they are compared as text and never rounded. "0" and "" are requests, not versions.
 *
 * @throws TypeError when either is not a positive decimal number without leading zeros: treat it as unknown order
 */
export function compareResourceVersions(a: string, b: string): -1 | 0 | 1 {
  assertWellFormed(a);
  assertWellFormed(b);
  if (a === b) {
    return 0;
  }
  if (a.length !== b.length) {
    return a.length < b.length ? -1 : 1;
  }
  return a < b ? -1 : 1;
}

const wellFormed = /^[1-9][0-9]*$/;

function assertWellFormed(version: string): void {
  if (typeof version !== 'string' || !wellFormed.test(version)) {
    throw new TypeError(
      `Cannot compare resourceVersion ${typeof version === 'string' ? JSON.stringify(version) : String(version)}: it is not a positive decimal number`,
    );
  }
}
