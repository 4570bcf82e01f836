/** Bars side by side, for one size. */
export interface Panel {
  readonly title: string;
  readonly bars: readonly Bar[];
}

export interface Bar {
  readonly label: string;
  /** `undefined` when there is no such figure. */
  readonly value: number | undefined;
  /** Whether it stands out. */
  readonly isOurs: boolean;
}

const width = 720;
const labelWidth = 250;
const barHeight = 18;
const rowHeight = 24;
const headHeight = 34;
const fontOf = 'font-family="system-ui, sans-serif"';

/** Draws panels of horizontal bars below each other, each on a scale of its own. */
export function barChart(title: string, unit: string, panels: readonly Panel[]): string {
  const parts: string[] = [];
  let y = 36;
  for (const { title: panelTitle, bars } of panels) {
    parts.push(text(16, y + 16, panelTitle, 'font-weight="600" font-size="13"'));
    y += headHeight - 8;
    const most = Math.max(...bars.map(({ value }) => value ?? 0), Number.MIN_VALUE);
    for (const bar of bars) {
      parts.push(...drawBar(bar, y, most, unit));
      y += rowHeight;
    }
    y += 12;
  }
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${y}" width="${width}" height="${y}" role="img" aria-label="${escape(title)}">`,
    `<rect width="100%" height="100%" fill="#ffffff"/>`,
    text(16, 26, title, 'font-weight="700" font-size="16"'),
    ...parts,
    '</svg>',
    '',
  ].join('\n');
}

function drawBar({ label, value, isOurs }: Bar, y: number, most: number, unit: string): string[] {
  const style = isOurs ? 'font-weight="600" font-size="12"' : 'font-size="12"';
  const baseline = y + barHeight - 5;
  const shown = value === undefined ? '–' : `${numberOf(value)} ${unit}`;
  const length = ((value ?? 0) / most) * (width - labelWidth - 110);
  return [
    text(labelWidth - 8, baseline, label, `${style} text-anchor="end"`),
    `<rect x="${labelWidth}" y="${y}" width="${length.toFixed(1)}" height="${barHeight}" rx="2" fill="${isOurs ? '#1f6feb' : '#9aa7b4'}"/>`,
    text(labelWidth + length + 6, baseline, shown, style),
  ];
}

function text(x: number, y: number, content: string, style: string): string {
  return `<text x="${x.toFixed(1)}" y="${y.toFixed(1)}" ${fontOf} fill="#1f2328" ${style}>${escape(content)}</text>`;
}

function numberOf(value: number): string {
  if (value >= 100) return value.toFixed(0);
  return value.toFixed(value >= 10 ? 1 : 2);
}

function escape(content: string): string {
  return content.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
}
