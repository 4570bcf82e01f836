import { readFile } from 'node:fs/promises';

interface Panel {
  readonly title: string;
  readonly targets?: readonly { readonly expr: string }[];
}

/** The part of Grafana's format that matters here. */
export interface Dashboard {
  readonly uid: string;
  readonly title: string;
  readonly panels: readonly (Panel & {
    readonly id: number;
    readonly type: string;
    readonly gridPos: {
      readonly x: number;
      readonly y: number;
      readonly w: number;
      readonly h: number;
    };
    readonly datasource?: { readonly uid: string };
  })[];
  readonly templating: {
    readonly list: readonly {
      readonly name: string;
      readonly type: string;
      readonly definition?: string;
    }[];
  };
}

/** One query of the dashboard. */
export interface DashboardQuery {
  readonly panel: string;
  /** As it stands there. */
  readonly expr: string;
  /** With everything chosen. */
  readonly query: string;
}

/** The dashboard of the repository. */
export async function readDashboard(): Promise<Dashboard> {
  const file = new URL('../../../../docs/dashboard/kubeloop.json', import.meta.url);
  // The tests of the dashboard look at what matters of it.
  return JSON.parse(await readFile(file, 'utf8')) as Dashboard;
}

/** Its queries, with all jobs and controllers chosen. */
export function queriesOf({ panels }: Dashboard): DashboardQuery[] {
  return panels.flatMap(({ title, targets = [] }) =>
    targets.map(({ expr }) => ({ panel: title, expr, query: withEverything(expr) })),
  );
}

/** A query without variables. */
export function withEverything(expr: string): string {
  return expr
    .replaceAll('$__rate_interval', '15s')
    .replaceAll('$job', '.*')
    .replaceAll('$controller', '.*');
}
