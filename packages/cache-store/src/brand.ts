/**
 * Marks all instances of a class with a registered symbol, so that they are recognised when several copies of this
 * package are loaded, where `instanceof` fails.
 */
export function brandInstances(prototype: object, brand: symbol): void {
  Object.defineProperty(prototype, brand, { value: true });
}

/** Whether a value is an instance of a class marked with this symbol. */
export function hasBrand(value: unknown, brand: symbol): boolean {
  return typeof value === 'object' && value !== null && brand in value;
}
