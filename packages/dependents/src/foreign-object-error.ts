import type { OwnerReference } from '@kubeloop/controller';

const brand = Symbol.for('@kubeloop/dependents/ForeignObjectError');

/** Thrown when an object of a desired name is there already and belongs to somebody else. Nothing was written to it. */
export class ForeignObjectError extends Error {
  /** The name of the class. */
  override readonly name: string = 'ForeignObjectError';
  /** The object's controller, `undefined` when it has none. */
  readonly controller: OwnerReference | undefined;

  /**
   * @param message - what could not be done and why
   * @param controller - the object's controller
   */
  constructor(message: string, controller: OwnerReference | undefined) {
    super(message);
    this.controller = controller;
    Object.defineProperty(this, brand, { value: true });
  }

  /** Whether a thrown value is this error, from whichever copy of this package. */
  static is(value: unknown): value is ForeignObjectError {
    return typeof value === 'object' && value !== null && brand in value;
  }
}
