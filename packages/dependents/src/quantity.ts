/** Members whose members are amounts, such as `resources.limits.cpu`. */
const amountMaps: ReadonlySet<string> = new Set([
  'limits',
  'requests',
  'capacity',
  'allocatable',
  'hard',
  'overhead',
]);

/** Amounts that stand alone, and the member around them. */
const amounts: ReadonlyMap<string, string> = new Map([
  ['sizeLimit', 'emptyDir'],
  ['divisor', 'resourceFieldRef'],
]);

/** Powers of ten of the decimal suffixes. */
const decimalSuffixes: ReadonlyMap<string, number> = new Map([
  ['n', -9],
  ['u', -6],
  ['m', -3],
  ['', 0],
  ['k', 3],
  ['M', 6],
  ['G', 9],
  ['T', 12],
  ['P', 15],
  ['E', 18],
]);

/** Binary suffixes stand for powers of 1,024, in this order. */
const binarySuffixes = 'KMGTPE';

/**
 * Whether two values are the same amount, at a place where an API server keeps amounts: it writes `1000m` as `1`. Everywhere
 * else texts are equal or not.
 *
 * @param place - the names of the members that lead to the value
 */
export function isSameQuantity(place: readonly string[], left: unknown, right: unknown): boolean {
  const [around, name] = place.slice(-2);
  if (around === undefined || name === undefined) return false;
  if (!amountMaps.has(around) && amounts.get(name) !== around) return false;
  const amount = nanoOf(left);
  return amount !== undefined && amount === nanoOf(right);
}

/** The value of a quantity in billionths, rounded up as `resource.Quantity` of apimachinery does; `undefined` for none. */
function nanoOf(value: unknown): bigint | undefined {
  if (typeof value !== 'string' && typeof value !== 'number') return undefined;
  const text = /^([+-]?)(\d*)\.?(\d*)(?:([numkMGTPE]|[KMGTPE]i)|[eE]([+-]?\d{1,3}))?$/;
  const [, sign, whole = '', fraction = '', suffix = '', exponent = '0'] =
    text.exec(String(value)) ?? [];
  if (sign === undefined || whole + fraction === '') return undefined;
  const isBinary = suffix.endsWith('i');
  const factor = isBinary ? 1024n ** BigInt(binarySuffixes.indexOf(suffix.charAt(0)) + 1) : 1n;
  const decimals = isBinary ? 0 : (decimalSuffixes.get(suffix) ?? 0);
  const scale = 9 + decimals + Number(exponent) - fraction.length;
  const digits = BigInt(whole + fraction) * factor;
  const size =
    scale >= 0 ? digits * 10n ** BigInt(scale) : ceilDivide(digits, 10n ** BigInt(-scale));
  return sign === '-' ? -size : size;
}

function ceilDivide(dividend: bigint, divisor: bigint): bigint {
  return (dividend + divisor - 1n) / divisor;
}
