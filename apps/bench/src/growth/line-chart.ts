/** What is drawn as one line. */
export interface ChartLine {
  readonly title: string;
  readonly points: readonly ChartPoint[];
}

export interface ChartPoint {
  readonly x: number;
  readonly y: number;
}

const width = 720;
const height = 320;
const left = 70;
const right = 30;
const top = 80;
const bottom = 50;
const colours = ['#1f6feb', '#9aa7b4', '#bf8700'];
const fontOf = 'font-family="system-ui, sans-serif"';

/** Draws lines over a logarithmic axis; the values begin at zero, so that a flat line is flat and a slope is not made large. */
export function lineChart(
  title: string,
  axes: { readonly x: string; readonly y: string },
  lines: readonly ChartLine[],
): string {
  const points = lines.flatMap((line) => line.points);
  const xs = [...new Set(points.map(({ x }) => x))].sort((a, b) => a - b);
  const most = Math.max(...points.map(({ y }) => y), Number.MIN_VALUE) * 1.15;
  const [first = 1, last = 1] = [xs[0], xs.at(-1)];
  const span = Math.max(Math.log(last / first), Number.MIN_VALUE);
  const place = ({ x, y }: ChartPoint): ChartPoint => ({
    x: left + 20 + (Math.log(x / first) / span) * (width - left - right - 40),
    y: height - bottom - (Math.max(y, 0) / most) * (height - top - bottom),
  });
  const parts = [text(16, 26, title, 'font-weight="700" font-size="16"')];
  parts.push(text(16, top - 8, axes.y, 'font-size="11"'));
  parts.push(text((left + width) / 2, height - 10, axes.x, 'font-size="11" text-anchor="middle"'));
  for (const y of [0, most / 2, most]) {
    const at = place({ x: first, y }).y;
    parts.push(
      `<path d="M${left} ${at.toFixed(1)}H${width - right}" stroke="#d0d7de" fill="none"/>`,
    );
    parts.push(text(left - 8, at + 4, numberOf(y), 'font-size="11" text-anchor="end"'));
  }
  for (const x of xs) {
    const at = place({ x, y: 0 });
    const label = x.toLocaleString('en-US');
    parts.push(text(at.x, at.y + 18, label, 'font-size="11" text-anchor="middle"'));
  }
  for (const [i, line] of lines.entries()) {
    const colour = colours[i % colours.length] ?? '';
    parts.push(...drawLine({ ...line, points: line.points.map(place) }, colour));
    for (const point of line.points) {
      const at = place(point);
      parts.push(text(at.x, at.y - 8, numberOf(point.y), 'font-size="11" text-anchor="middle"'));
    }
    parts.push(`<circle cx="${20 + i * 240}" cy="44" r="4" fill="${colour}"/>`);
    parts.push(text(30 + i * 240, 48, line.title, 'font-size="12"'));
  }
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="${escape(title)}">`,
    '<rect width="100%" height="100%" fill="#ffffff"/>',
    ...parts,
    '</svg>',
    '',
  ].join('\n');
}

function drawLine({ points }: ChartLine, colour: string): string[] {
  const path = points.map(({ x, y }) => `${x.toFixed(1)} ${y.toFixed(1)}`).join('L');
  return [
    `<path d="M${path}" stroke="${colour}" stroke-width="2" fill="none"/>`,
    ...points.map(
      ({ x, y }) =>
        `<circle cx="${x.toFixed(1)}" cy="${y.toFixed(1)}" r="3.5" fill="${colour}" data-line=""/>`,
    ),
  ];
}

function text(x: number, y: number, content: string, style: string): string {
  return `<text x="${x.toFixed(1)}" y="${y.toFixed(1)}" ${fontOf} fill="#1f2328" ${style}>${escape(content)}</text>`;
}

function numberOf(value: number): string {
  if (value === 0) return '0';
  if (value >= 100) return value.toFixed(0);
  return value.toFixed(value >= 10 ? 1 : 2);
}

function escape(content: string): string {
  return content.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
}
