/**
 * Whether an object already has everything that is desired of it: each desired field is there with the desired value.
 * Fields that nobody desires (the server's defaults, other managers' fields) do not count. Lists are compared
 * item by item and must be of one length.
 */
export function covers(actual: unknown, desired: unknown): boolean {
  if (Array.isArray(desired))
    return (
      Array.isArray(actual) &&
      actual.length === desired.length &&
      desired.every((item, index) => covers(actual[index], item))
    );
  if (typeof desired !== 'object' || desired === null) return Object.is(actual, desired);
  if (typeof actual !== 'object' || actual === null) return false;
  const fields = new Map(Object.entries(actual));
  return Object.entries(desired).every(([name, value]) => covers(fields.get(name), value));
}
