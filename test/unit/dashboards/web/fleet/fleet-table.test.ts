import { expect, test } from 'vitest';
import type { ClusterStatus } from '../../../../../core/documents/cluster-status.ts';
import { renderFleetPage, renderFleetTable } from '../../../../../dashboards/web/fleet/fleet-page.ts';
import { readFleetQuery } from '../../../../../dashboards/web/fleet/fleet-query.ts';
import { createView } from '../../../../../dashboards/web/view.ts';
import { shownFleet } from '../../../../support/shown-fleet.ts';

const query = readFleetQuery(new URLSearchParams());
const view = createView({ prefix: '', path: '/', query: new URLSearchParams(), accepted: 'en' });
const { clusters } = shownFleet().statuses.fleet();

/** @param last values of the small chart */
function rowOf(cluster: string, last: readonly number[] = [], over: Partial<ClusterStatus> = {}): string {
  const rows = clusters.flatMap((each) => (each.cluster === cluster ? [{ ...each, ...over }] : []));
  return renderFleetTable(rows, { query, trendOf: () => last }, view)
    .text.replaceAll(/<[^>]*>/g, ' ')
    .replaceAll(/\s+/g, ' ');
}

const ofAll = 'if all brokers answered';
const ofAnswering = 'with the brokers that answer';

test('with a broker that does not answer, the figures of the others come first', () => {
  const row = rowOf('logs', [], { answering: { tps: 13_787, headroom: 0.2 } });
  expect(row).toContain(`13,787 ${ofAnswering} 21,841 predicted ${ofAll}`);
  expect(row).toContain(`20% ${ofAnswering} 49% ${ofAll}`);
});

test('if they are unknown, they are called unknown, with the reason', () => {
  const row = rowOf('logs');
  const unknown = `unknown ${ofAnswering}: the verdict does not cover this loss`;
  expect(row).toContain(`${unknown} 21,841 predicted ${ofAll}`);
  expect(row).toContain(`unknown ${ofAnswering} 49% ${ofAll}`);
  expect(rowOf('orders')).not.toContain(ofAll);
});

test('a small chart names the value of its dashed line, also below the highest rate', () => {
  expect(rowOf('orders', [23_588])).toContain(' 23,588 ┄ 21,841 0 ');
  expect(rowOf('orders', [1000])).toContain(' ┄ 21,841 0 ');
  expect(rowOf('orders', [1000])).not.toContain('1,000');
});

test('a cluster without a current reading is in the list at the top, also if its verdict is outdated', () => {
  const [top = ''] = renderFleetPage({ at: '2026-11-10T12:00:00.000Z', clusters }, () => [], view).split('<table');
  const items = [...top.matchAll(/<li class="[a-z]+" data-key[^]*?<\/li>/g)].map(([item]) =>
    item.replaceAll(/<[^>]*>/g, ' ').replaceAll(/\s+/g, ' '),
  );
  expect(items).toContainEqual(
    expect.stringMatching(/verdict outdated waybills Verdict from 40 days ago, no data since 2026-11-10 11:40 UTC/),
  );
});
