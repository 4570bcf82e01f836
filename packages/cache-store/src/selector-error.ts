import { brandInstances, hasBrand } from './brand.ts';

const brand = Symbol.for('@kubeloop/cache-store/SelectorError');

/** Where a selector is wrong. */
export interface SelectorErrorPlace {
  /** Offset of the wrong character in the text, from zero; undefined for a selector object. */
  readonly position?: number | undefined;
  /** Path of the wrong field in the selector object, such as `matchExpressions[0].values`; undefined for a text. */
  readonly path?: string | undefined;
}

/** Thrown for a label or field selector that is not well formed. The message says what is wrong and where. */
export class SelectorError extends Error {
  /** Always `SelectorError`. */
  override readonly name = 'SelectorError' as const;
  /** Offset of the wrong character in the text, from zero; undefined for a selector object. */
  readonly position: number | undefined;
  /** Path of the wrong field in the selector object; undefined for a text. */
  readonly path: string | undefined;

  static {
    brandInstances(this.prototype, brand);
  }

  /**
   * @param message - what is wrong
   * @param place - where
   */
  constructor(message: string, place: SelectorErrorPlace) {
    super(message);
    this.position = place.position;
    this.path = place.path;
  }

  /** Whether a value is such an error, of this copy of the package or of another one. */
  static is(value: unknown): value is SelectorError {
    return hasBrand(value, brand);
  }
}
