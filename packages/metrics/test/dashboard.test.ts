import { describe, expect, test } from 'vitest';
import { KubeloopMetrics } from '../src/index.ts';
import { queriesOf, readDashboard } from './support/dashboard.ts';

const dashboard = await readDashboard();
const queries = queriesOf(dashboard);
const names = new KubeloopMetrics().registry.getMetricsAsArray().map(({ name }) => name);

/** The metrics that a query names. */
const metricsIn = (query: string): string[] =>
  [...query.matchAll(/\b([a-z_]+)\{/g)].map(([, name = '']) =>
    name.replace(/_(bucket|sum|count)$/, ''),
  );

describe('the dashboard', () => {
  test('asks for nothing but metrics that exist', () => {
    const asked = new Set(queries.flatMap(({ query }) => metricsIn(query)));

    expect([...asked].filter((name) => !names.includes(name))).toEqual([]);
    expect(asked.size).toBeGreaterThan(30);
  });

  test('shows every metric', () => {
    const asked = new Set(queries.flatMap(({ query }) => metricsIn(query)));
    // Always zero.
    const left = new Set(['controller_runtime_reconcile_panics_total']);

    expect(names.filter((name) => !asked.has(name) && !left.has(name))).toEqual([]);
  });

  test('leaves no variable without a choice, and lets data source, job and controller be chosen', () => {
    expect(queries.filter(({ query }) => query.includes('$'))).toEqual([]);
    expect(dashboard.templating.list.map(({ name }) => name)).toEqual([
      'datasource',
      'job',
      'controller',
    ]);
  });

  test('takes everything from the chosen data source', () => {
    const shown = dashboard.panels.filter(({ type }) => type !== 'row');

    expect(new Set(shown.map(({ datasource }) => datasource?.uid))).toEqual(
      new Set(['${datasource}']),
    );
  });

  test('has panels with ids of their own that do not overlap', () => {
    const taken = new Set<string>();
    for (const { id, gridPos } of dashboard.panels) {
      taken.add(`id ${id}`);
      for (let x = gridPos.x; x < gridPos.x + gridPos.w; x += 1)
        for (let y = gridPos.y; y < gridPos.y + gridPos.h; y += 1) taken.add(`${x},${y}`);
    }
    const area = dashboard.panels.reduce((sum, { gridPos: { w, h } }) => sum + w * h, 0);

    expect(taken.size).toBe(dashboard.panels.length + area);
  });
});
