import { expect, test } from 'vitest';
import { seconds } from '../../../../core/clock.ts';
import { ClusterReadings } from '../../../../service/readings/cluster-readings.ts';
import { serveApi } from '../../../support/served-api.ts';

/** Matches a value within the rounding of the compact storage. */
const about = (value: number) => expect.closeTo(value, 0) as number;

const now = new Date('2026-11-22T12:00:07.000Z');
const minutes = (count: number) => now.getTime() + count * 60_000;

/** Two minutes at 100 messages a second, an outage of one minute, and a minute at 200. */
async function served() {
  const kept = new ClusterReadings({ usedBytes: 0, mostBytes: Infinity });
  const add = (from: number, to: number, produceTps: number) =>
    kept.add('cluster', [{ of: 'cluster', name: '', values: { produceTps } }], {
      atMs: minutes(to),
      fromMs: minutes(from),
    });
  add(-5, -3, 100);
  add(-1, 0, 200);
  kept.add(
    'group',
    ['billing', 'shipping'].map((name) => ({ of: 'group', name, values: { lagMessages: 5, lagSeconds: 1.5 } })),
    { atMs: minutes(0) },
  );
  const api = await serveApi({
    readings: { of: (name) => (name === 'orders' ? kept : undefined), usage: () => ({ bytes: 0, mostBytes: 0 }) },
    clock: { now: () => now, monotonic: () => seconds(0), sleep: () => Promise.reject(new Error('no sleep')) },
  });
  const ask = async (query: string) => {
    const response = await fetch(`${api.url}/clusters/orders/readings${query}`);
    return { status: response.status, body: (await response.json()) as Record<string, unknown> };
  };
  return { ask, [Symbol.asyncDispose]: () => api[Symbol.asyncDispose]() };
}

test('points are grouped into runs, and the time between two runs is unknown', async () => {
  await using api = await served();
  expect(await api.ask('?range=6h')).toMatchObject({
    status: 200,
    body: {
      from: '2026-11-22T06:01:00.000Z',
      to: '2026-11-22T12:00:07.000Z',
      slotSeconds: 60,
      series: [
        {
          of: 'cluster',
          figure: 'produceTps',
          runs: [
            { from: '2026-11-22T11:55:00.000Z', mean: [100, 100, 100].map(about), max: [100, 100, 100].map(about) },
            { from: '2026-11-22T11:59:00.000Z', mean: [200, 200].map(about), max: [200, 200].map(about) },
          ],
        },
      ],
      leftOut: 0,
    },
  });
});

test('a group is selected by its name, and an unknown group has no series', async () => {
  await using api = await served();
  const figuresOf = async (query: string) =>
    ((await api.ask(query)).body['series'] as { name: string; figure: string }[]).map(({ name, figure }) => [
      name,
      figure,
    ]);
  expect(await figuresOf('?of=group&name=billing')).toEqual([
    ['billing', 'lagMessages'],
    ['billing', 'lagSeconds'],
  ]);
  expect(await figuresOf('?of=group')).toHaveLength(4);
  expect(await figuresOf('?of=group&name=nobody')).toEqual([]);
});

test.each(['?range=2h', '?of=partition', '?ranges=1h'])('an invalid query is refused: %s', async (query) => {
  await using api = await served();
  expect(await api.ask(query)).toMatchObject({ status: 400, body: { error: { code: 'request-invalid' } } });
});
