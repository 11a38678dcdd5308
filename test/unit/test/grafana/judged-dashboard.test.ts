import { afterAll, beforeAll, expect, test } from 'vitest';
import { dashboards } from '../../../../dashboards/grafana/registry.ts';
import type { DrawnPanel } from '../../../grafana/drawn-dashboard.ts';
import { judge } from '../../../grafana/judged-dashboard.ts';
import { opened } from '../../../grafana/opened-rows.ts';
import { gridsOf, panelsOf } from '../../../support/dashboard-parts.ts';
import { startScriptedHttp, type ScriptedHttp } from '../../../support/scripted-http.ts';

const fleet = dashboards.find(({ uid }) => uid === 'plimsoll-fleet')!;
const span = { fromMs: 1_000_000, toMs: 1_300_000 };

/** Has samples for metrics of the service, and for no other metrics. */
let prometheus: ScriptedHttp;
beforeAll(async () => {
  prometheus = await startScriptedHttp(({ path, parameters }, response) => {
    const samples = parameters['query']?.includes('plimsoll_now_produce_tps')
      ? [
          {
            metric: {},
            ...(path.endsWith('query')
              ? { value: [1, '5'] }
              : {
                  values: [
                    [1, 'NaN'],
                    [2, '5'],
                  ],
                }),
          },
        ]
      : [];
    response.end(JSON.stringify({ status: 'success', data: { result: samples } }));
  });
});
afterAll(() => prometheus[Symbol.asyncDispose]());

/** Panels as Grafana draws them without any fault: with a reason where there is no data. */
function drawn(over: Partial<DrawnPanel> & { title?: string } = {}): DrawnPanel[] {
  return panelsOf(fleet).map(({ id = NaN, title = '', targets = [], fieldConfig }) => {
    const hasData = targets.some(({ expr }) => expr.includes('plimsoll_now_produce_tps'));
    const shown = {
      id,
      text: hasData ? `${title} 5 msg/s` : `${title} ${fieldConfig?.defaults.noValue}`,
      hasError: false,
      isFilled: hasData,
    };
    return title === over.title ? { ...shown, ...over } : shown;
  });
}
const judged = (panels: readonly DrawnPanel[], complaints: readonly string[] = []) =>
  judge(fleet, { panels, links: [], complaints }, { prometheus, span, scrapeSeconds: 15 });

test('panels that show data, or the reason for missing data, have no fault', async () => {
  const { withData, withoutData, faults } = await judged(drawn());
  expect(faults).toEqual([]);
  expect(withData).toBe(2);
  expect(withoutData).toContain('Headroom (no verdict of this cluster yet)');
});

test.each([
  ['a panel with an error', { title: 'Headroom', hasError: true }, 'shows an error'],
  ['a graph without its data', { title: 'Produce rate', text: 'needs plimsoll serve', isFilled: false }, 'has no data'],
  ['a table without its rows', { title: 'Clusters', isFilled: false }, 'has no data'],
  ['an empty panel without a reason', { title: 'Headroom', text: 'No data' }, 'does not say why'],
])('%s is a fault', async (_, over, fault) => {
  const { faults } = await judged(drawn(over));
  expect(faults).toEqual([expect.stringContaining(`${over.title}: ${fault}`)]);
});

test('a panel that was not drawn is a fault, and so is a failed query', async () => {
  const { faults } = await judged(drawn().slice(1), ['500 http://127.0.0.1/api/ds/query']);
  expect(faults).toEqual([expect.stringContaining('500 http'), expect.stringContaining('not drawn')]);
});

test.each(dashboards.map((dashboard) => [dashboard.title, dashboard] as const))(
  'all rows of %s can be opened without overlapping panels',
  (_, dashboard) => {
    const open = opened(dashboard);
    const all = [...panelsOf(dashboard)].map(({ id }) => id);
    if (open === undefined) return expect(gridsOf(dashboard)).toHaveLength(1);
    const [grid = [], ...folded] = gridsOf(open);
    expect(folded).toEqual([]);
    expect(new Set(grid.filter(({ type }) => type !== 'row').map(({ id }) => id))).toEqual(new Set(all));
    const tops = grid.map(({ gridPos }) => gridPos?.y ?? 0);
    expect(tops).toEqual(tops.toSorted((one, other) => one - other));
    const cells = grid.flatMap(({ gridPos: { x, y, w, h } = { x: 0, y: 0, w: 0, h: 0 } }) =>
      Array.from({ length: w * h }, (_, cell) => `${x + (cell % w)} ${y + Math.floor(cell / w)}`),
    );
    expect(cells).toHaveLength(new Set(cells).size);
  },
);
