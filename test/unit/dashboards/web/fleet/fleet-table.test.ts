import { expect, test } from 'vitest';
import { renderFleetTable } from '../../../../../dashboards/web/fleet/fleet-page.ts';
import { readFleetQuery } from '../../../../../dashboards/web/fleet/fleet-query.ts';
import { createView } from '../../../../../dashboards/web/view.ts';
import { shownFleet } from '../../../../support/shown-fleet.ts';

const query = readFleetQuery(new URLSearchParams());
const view = createView({ prefix: '', path: '/', query: new URLSearchParams(), accepted: 'en' });
const { clusters } = shownFleet().statuses.fleet();

/** @param last values of the small chart */
function rowOf(cluster: string, last: readonly number[] = []): string {
  const rows = clusters.filter((each) => each.cluster === cluster);
  return renderFleetTable(rows, { query, trendOf: () => last }, view)
    .text.replaceAll(/<[^>]*>/g, ' ')
    .replaceAll(/\s+/g, ' ');
}

test('the headroom of a cluster with brokers that do not answer says that it counts them', () => {
  const note = 'with all brokers, also those that do not answer';
  expect(rowOf('logs')).toContain(`49% ${note}`);
  expect(rowOf('orders')).not.toContain(note);
});

test('a small chart names the value of its dashed line, also below the highest rate', () => {
  expect(rowOf('orders', [23_588])).toContain(' 23,588 ┄ 21,841 0 ');
  expect(rowOf('orders', [1000])).toContain(' ┄ 21,841 0 ');
  expect(rowOf('orders', [1000])).not.toContain('1,000');
});
