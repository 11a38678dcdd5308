import { expect, test } from 'vitest';
import type { ClusterStatus } from '../../../../../core/documents/cluster-status.ts';
import type { DayContent } from '../../../../../dashboards/web/cluster/day-view.ts';
import { renderDay } from '../../../../../dashboards/web/cluster/day-section.ts';
import { createView } from '../../../../../dashboards/web/view.ts';

const view = createView({ prefix: '', path: '/clusters/orders', query: new URLSearchParams(), accepted: 'en' });

test('the rate of an incomplete hour is divided by the time elapsed', () => {
  const day: DayContent = {
    today: '2026-11-10',
    yesterday: '2026-11-09',
    requested: {
      kind: 'answered',
      day: '2026-11-10',
      answer: {
        kind: 'answered',
        from: '2026-11-10T00:00:00.000Z',
        to: '2026-11-10T01:04:48.000Z',
        isWhole: false,
        hours: [
          { at: '2026-11-10T00:00:00.000Z', produced: 700 * 3600 },
          { at: '2026-11-10T01:00:00.000Z', produced: 700 * 288 },
        ],
        brokers: [],
        queries: [],
      },
    },
  };
  const status: ClusterStatus = { cluster: 'orders', broker: 'kafka', domains: [], state: 'ok' };
  const { section } = renderDay(day, status, view);
  const { text } = section;
  expect(text).not.toContain('56');
  expect(text).toContain(String.raw`"values":[700,700]`);
  expect(text).toContain('700 msg/s on average');
});
