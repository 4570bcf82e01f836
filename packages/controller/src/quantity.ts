/** The text of a `resource.Quantity`: sign, digits, a fraction, and a suffix or an exponent. */
const form = /^([+-]?)(\d*)(?:\.(\d*))?([numkMGTPE]|[KMGTPE]i|[eE][+-]?\d{1,2})?$/;

/** Powers of ten of the decimal suffixes. */
const decimal: Readonly<Record<string, number>> = {
  n: -9,
  u: -6,
  m: -3,
  k: 3,
  M: 6,
  G: 9,
  T: 12,
  P: 15,
  E: 18,
};

/** What amounts with a binary suffix are cut at, in billionths: the largest whole number of Go. */
const mostBinary = (2n ** 63n - 1n) * 10n ** 9n;

/**
 * Whether two texts are quantities of the same amount, such as `0.5` and `500m`; false when one is no quantity. Amounts are
 * those of an API server, which rounds them up, away from zero, to billionths, and cuts those with a binary suffix at
 * 2⁶³ − 1 (`resource.ParseQuantity` of apimachinery).
 *
 * @param a - a quantity as in JSON: a text, or a number
 * @param b - another one
 */
export function isSameQuantity(a: string | number, b: string | number): boolean {
  const amount = billionthsOf(String(a));
  return amount !== undefined && amount === billionthsOf(String(b));
}

function billionthsOf(text: string): bigint | undefined {
  const [all, sign = '', whole = '', fraction = '', suffix = ''] = form.exec(text) ?? [];
  if (all === undefined || whole + fraction === '' || text.length > 100) return undefined;
  const isBinary = suffix.endsWith('i');
  const factor = isBinary ? 1024n ** BigInt('KMGTPE'.indexOf(suffix.charAt(0)) + 1) : 1n;
  const exponent = /^[eE][+-\d]/.test(suffix) ? Number(suffix.slice(1)) : (decimal[suffix] ?? 0);
  const size = shifted(BigInt(whole + fraction) * factor, 9 + exponent - fraction.length);
  const cut = isBinary && size > mostBinary ? mostBinary : size;
  return sign === '-' ? -cut : cut;
}

/** Times a power of ten, rounded up. */
function shifted(digits: bigint, ten: number): bigint {
  if (ten >= 0) return digits * 10n ** BigInt(ten);
  const divisor = 10n ** BigInt(-ten);
  return (digits + divisor - 1n) / divisor;
}
