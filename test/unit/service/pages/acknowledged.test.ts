import { expect, test } from 'vitest';
import type { Clock } from '../../../../core/clock.ts';
import { createLogger } from '../../../../core/log.ts';
import { createStatuses } from '../../../../service/status/live-statuses.ts';
import { ServiceConfig } from '../../../../app/config/service.ts';
import type { SqliteHistory } from '../../../../service/history/sqlite-history.ts';
import { createHandClock } from '../../../support/hand-clock.ts';
import { serveOperatorPages } from '../../../support/operator-pages.ts';

const acknowledge = { what: 'acknowledged', subject: 'state:down', hours: '4', note: 'disks are on their way' };
const start = '2026-11-10T12:00:00.000Z';

/** A fleet of two clusters that are both down. */
function fleetOf(history: SqliteHistory, clock: Clock) {
  const clusters = ['orders', 'returns'].map((name) => ({
    name,
    broker: 'rocketmq' as const,
    domains: [],
    live: () => ({ isDown: true, settings: {} }),
  }));
  return createStatuses(clusters, {
    history,
    config: ServiceConfig.parse({}),
    clock,
    log: createLogger('silent'),
  });
}

async function served() {
  const clock = createHandClock();
  clock.advance(Date.parse(start) / 1000);
  const pages = await serveOperatorPages((history) => ({ statuses: fleetOf(history, clock), clock }));
  const list = async (headers = {}) => {
    const text = await (await pages.ask('/', { headers })).text();
    return /<ul class="incidents"[\s\S]*?<\/ul>/.exec(text)?.[0] ?? '';
  };
  return { ...pages, clock, list };
}

const order = (list: string) => [...list.matchAll(/href="\/clusters\/(\w+)"/g)].map(([, name]) => name);

test('an acknowledged item is marked and listed last, with operator, end and reason', async () => {
  await using service = await served();
  expect(order(await service.list())).toEqual(['orders', 'returns']);
  const answer = await service.send('/clusters/orders', acknowledge, service.operator);
  expect(answer.status).toBe(303);
  const list = await service.list();
  expect(order(list)).toEqual(['returns', 'orders']);
  expect(list).toContain('by \u2068operator\u2069 until 2026-11-10 16:00 UTC');
  expect(list).toContain(acknowledge.note);
  const page = await (await service.ask('/clusters/orders?lang=zh')).text();
  expect(page).toContain('\u2068operator\u2069 确认，有效至 2026-11-10 16:00 UTC');
  expect(service.history.entries({ change: 'acknowledged', limit: 10 })).toMatchObject([
    { cluster: 'orders', by: { name: 'operator', through: 'page' }, document: { until: '2026-11-10T16:00:00.000Z' } },
  ]);
});

test('items have a key of cluster and subject, so that an open form stays with its incident on refresh', async () => {
  await using service = await served();
  const keys = (text: string) => [...text.matchAll(/<li[^>]* data-key="([^"]*)"/g)].map(([, key]) => key);
  expect(keys(await service.list())).toEqual(['orders state:down', 'returns state:down']);
  expect(keys(await (await service.ask('/clusters/orders')).text())).toContain('orders state:down');
});

test('an acknowledgement survives a restart and expires', async () => {
  await using service = await served();
  await service.send('/clusters/orders', acknowledge, service.operator);
  const restarted = fleetOf(service.history, service.clock);
  expect(restarted.cluster('orders')?.acknowledged).toMatchObject([{ subject: 'state:down', by: 'operator' }]);
  service.clock.advance(4 * 3600 + 1);
  expect(restarted.cluster('orders')?.acknowledged).toBeUndefined();
  expect(order(await service.list())).toEqual(['orders', 'returns']);
});

test.each([
  ['a viewer', {}, 403],
  ['a state that does not hold', { subject: 'state:over' }, 404],
  ['an alert that does not fire', { subject: 'alert:Nothing' }, 404],
  ['an unlimited duration', { hours: '9999' }, 404],
] as const)('%s acknowledges nothing', async (who, over, status) => {
  await using service = await served();
  const headers = who === 'a viewer' ? {} : service.operator;
  expect((await service.send('/clusters/orders', { ...acknowledge, ...over }, headers)).status).toBe(status);
  expect(service.history.entries({ limit: 10 })).toEqual([]);
});

test('only operators have the form', async () => {
  await using service = await served();
  expect(await service.list()).not.toContain('<form');
  expect(await service.list(service.operator)).toContain('value="state:down"');
});
