/** The text of a `resource.Quantity`: sign, digits, a fraction, and a suffix or an exponent. */
const form = /^([+-]?)(\d*)(?:\.(\d*))?([numkMGTPE]|[KMGTPE]i|[eE][+-]?\d{1,2})?$/;

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

/** A number without rounding: digits · 2^two · 10^ten. */
interface Exact {
  readonly digits: bigint;
  readonly two: number;
  readonly ten: number;
}

/** Whether two texts are quantities of the same amount, such as `0.5` and `500m`; false when one is no quantity. */
export function isSameQuantity(a: string | number, b: string | number): boolean {
  const [x, y] = [parse(String(a)), parse(String(b))];
  if (!x || !y) return false;
  const ten = Math.min(x.ten, y.ten);
  return scaled(x, ten) === scaled(y, ten);
}

function scaled({ digits, two, ten }: Exact, least: number): bigint {
  return digits * 2n ** BigInt(two) * 10n ** BigInt(ten - least);
}

function parse(text: string): Exact | undefined {
  const [all, sign = '', whole = '', fraction = '', suffix = ''] = form.exec(text) ?? [];
  if (all === undefined || whole + fraction === '' || text.length > 100) return undefined;
  const digits = BigInt(`${whole}${fraction}`) * (sign === '-' ? -1n : 1n);
  const two = suffix.endsWith('i') ? 10 * ('KMGTPE'.indexOf(suffix.charAt(0)) + 1) : 0;
  const exponent = /^[eE]./.test(suffix) ? Number(suffix.slice(1)) : (decimal[suffix] ?? 0);
  return { digits, two, ten: exponent - fraction.length };
}
