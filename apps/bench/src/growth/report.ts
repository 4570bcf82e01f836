import type { Figures } from '../pod-informers/summary.ts';
import { type ChartLine, lineChart } from './line-chart.ts';
import type { Line, Point } from './series.ts';

/** What fills one section of the page, and the pictures in it. */
export interface Section {
  readonly table: string;
  readonly pictures: readonly {
    readonly name: string;
    readonly title: string;
    readonly svg: string;
  }[];
}

interface Column {
  readonly title: string;
  /** `first` is the smallest size of the same line; `undefined` for a point that has no such number. */
  readonly value: (point: Point, first: Point) => number | undefined;
  readonly digits: number;
  /** The name and title of the picture of it, if there is one. */
  readonly picture?: { readonly name: string; readonly title: string };
}

/** Processor seconds until everything was in memory, without the start of the runtime. */
export function workOf({ syncS, startS }: Figures): number {
  return syncS - startS;
}

/** How much a number grew from the smallest size, for each unit of size that came on top. */
export function perFurther(
  point: Point,
  first: Point,
  pick: (figures: Figures) => number,
): number | undefined {
  if (point.size === first.size) return undefined;
  return (pick(point.figures) - pick(first.figures)) / (point.size - first.size);
}

const blocks: readonly Column[] = [
  { title: 'longest block ms', digits: 0, value: ({ figures }) => figures.syncBlockMs },
  { title: 'the same, updates', digits: 0, value: ({ figures }) => figures.churnBlockMs },
];
const resident: Column = { title: 'MB', digits: 0, value: ({ figures }) => figures.residentMb };

/** One informer of ever more objects. */
export function objectsSection(lines: readonly Line[], updates: number): Section {
  return sectionOf('objects', lines, [
    {
      title: 'sync CPU µs per object',
      digits: 1,
      value: ({ figures, size }) => (workOf(figures) / size) * 1e6,
    },
    {
      title: 'of each beyond the smallest size',
      digits: 1,
      value: (point, first) => scaled(perFurther(point, first, workOf), 1e6),
      picture: { name: 'objects-cpu', title: 'Processor time of each further object, sync' },
    },
    {
      title: 'CPU µs per update',
      digits: 1,
      value: ({ figures }) => (figures.churnS / updates) * 1e6,
      picture: { name: 'objects-updates', title: 'Processor time of an update' },
    },
    resident,
    {
      title: 'bytes per further object',
      digits: 0,
      value: (point, first) =>
        scaled(
          perFurther(point, first, ({ residentMb }) => residentMb),
          1e6,
        ),
      picture: { name: 'objects-memory', title: 'Resident memory of each further object' },
    },
    ...blocks,
  ]);
}

/** One informer of as many objects with ever more handlers. */
export function handlersSection(lines: readonly Line[], objects: number, updates: number): Section {
  return sectionOf('handlers', lines, [
    { title: 'sync CPU s', digits: 2, value: ({ figures }) => workOf(figures) },
    {
      title: 'ns per object and further handler',
      digits: 0,
      value: (point, first) => scaled(perFurther(point, first, workOf), 1e9 / objects),
      picture: {
        name: 'handlers-sync',
        title: 'Processor time per object and further handler, sync',
      },
    },
    { title: 'updates CPU s', digits: 2, value: ({ figures }) => figures.churnS },
    {
      title: 'ns per update and further handler',
      digits: 0,
      value: (point, first) =>
        scaled(
          perFurther(point, first, ({ churnS }) => churnS),
          1e9 / updates,
        ),
      picture: { name: 'handlers-updates', title: 'Processor time per update and further handler' },
    },
    resident,
    ...blocks,
  ]);
}

/** Ever more informers of as many objects each. */
export function informersSection(lines: readonly Line[], updates: number): Section {
  return sectionOf('informers', lines, [
    {
      title: 'sync CPU ms per informer',
      digits: 1,
      value: ({ figures, size }) => (workOf(figures) / size) * 1e3,
    },
    {
      title: 'of each further',
      digits: 1,
      value: (point, first) => scaled(perFurther(point, first, workOf), 1e3),
      picture: { name: 'informers-cpu', title: 'Processor time of each further informer, sync' },
    },
    {
      title: 'CPU µs per update',
      digits: 1,
      value: ({ figures, size }) => (figures.churnS / size / updates) * 1e6,
    },
    resident,
    {
      title: 'MB per further informer',
      digits: 2,
      value: (point, first) => perFurther(point, first, ({ residentMb }) => residentMb),
      picture: { name: 'informers-memory', title: 'Resident memory of each further informer' },
    },
    { title: 'connections', digits: 0, value: ({ connections }) => connections },
    ...blocks,
  ]);
}

function sectionOf(what: string, lines: readonly Line[], columns: readonly Column[]): Section {
  const rows = lines.flatMap(({ title, points }) =>
    points.map((point) => {
      const cells = columns.map(({ value, digits }) =>
        cellOf(value(point, points[0] ?? point), digits),
      );
      return `| ${title} | ${point.size.toLocaleString('en-US')} | ${cells.join(' | ')} |`;
    }),
  );
  const table = [
    `| | ${what} | ${columns.map(({ title }) => title).join(' | ')} |`,
    `| --- |${' ---: |'.repeat(columns.length + 1)}`,
    ...rows,
  ].join('\n');
  const pictures = columns.flatMap(({ picture, title, value }) =>
    picture === undefined
      ? []
      : [
          {
            ...picture,
            svg: lineChart(picture.title, { x: what, y: title }, linesOf(lines, value)),
          },
        ],
  );
  return { table, pictures };
}

function linesOf(lines: readonly Line[], value: Column['value']): ChartLine[] {
  return lines.map(({ title, points }) => ({
    title,
    points: points.flatMap((point) => {
      const y = value(point, points[0] ?? point);
      return y === undefined ? [] : [{ x: point.size, y }];
    }),
  }));
}

function scaled(value: number | undefined, size: number): number | undefined {
  return value === undefined ? undefined : value * size;
}

function cellOf(value: number | undefined, digits: number): string {
  return value === undefined || Number.isNaN(value) ? '–' : value.toFixed(digits);
}
