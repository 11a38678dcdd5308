import { expect, test } from 'vitest';
import { AppError } from '../../../../../core/errors.ts';
import { fakeLeaders } from '../../../../support/fake-leaders.ts';
import { createHandClock } from '../../../../support/hand-clock.ts';
import {
  restoreLayout,
  takeLeadership,
  type LeadTools,
  type OriginalPartition,
} from '../../../../../ops/kafka/redline/lead.ts';

function cluster(partitions: readonly OriginalPartition[]) {
  const fake = fakeLeaders(partitions);
  const told: string[] = [];
  const tools: LeadTools = {
    changes: fake.changes,
    clock: createHandClock(),
    signal: new AbortController().signal,
    check: async () => undefined,
    held: (reason) => void told.push(reason),
  };
  return { ...fake, tools, told };
}

const originals = (...rows: [leader: number, ...replicas: number[]][]): OriginalPartition[] =>
  rows.map(([leader, ...replicas], partition) => ({ topic: 'orders', partition, replicas, leader }));

test('moves leadership with a new replica order and an election, and restores both', async () => {
  const before = originals(
    [2, 2, 3, 1],
    [3, 3, 1, 2],
    [2, 2, 1, 3],
    [2, 2, 3, 1],
    [3, 3, 2, 1],
    [3, 3, 2, 1],
    [2, 2, 1, 3],
  );
  const { tools, layout } = cluster(before);
  const first = layout();
  await takeLeadership(tools, 1, before);
  expect(layout()).toEqual(['1:1,2,3', '1:1,3,2', '1:1,2,3', '1:1,2,3', '1:1,3,2', '1:1,3,2', '1:1,2,3']);
  expect(await restoreLayout(tools, 1, before)).toEqual({ partitions: 7, left: [] });
  expect(layout()).toEqual(first);
});

test('restores leader and order of a partition whose leader was not the preferred one', async () => {
  const before = originals([3, 2, 3, 1]);
  const { tools, layout } = cluster(before);
  await takeLeadership(tools, 1, before);
  expect(layout()).toEqual(['1:1,2,3']);
  expect(await restoreLayout(tools, 1, before)).toEqual({ partitions: 1, left: [] });
  expect(layout()).toEqual(['3:2,3,1']);
});

test('continues in either direction after a crash between new order and election', async () => {
  const before = originals([2, 2, 3, 1], [3, 2, 3, 1]);
  const { tools, put, layout } = cluster(before);
  put('orders-0', { replicas: ['1', '2', '3'] });
  put('orders-1', { replicas: ['3', '2', '1'], leader: '1' });
  expect(await restoreLayout(tools, 1, before)).toEqual({ partitions: 2, left: [] });
  expect(layout()).toEqual(['2:2,3,1', '3:2,3,1']);
});

test('changes nothing that is already in the former state', async () => {
  const before = originals([2, 2, 3, 1], [3, 3, 1, 2]);
  const { tools, changed } = cluster(before);
  expect(await restoreLayout(tools, 1, before)).toEqual({ partitions: 2, left: [] });
  expect(changed()).toBe(0);
});

test('keeps and names partitions that others changed', async () => {
  const before = originals([2, 2, 3, 1], [2, 2, 3, 1], [2, 2, 3, 1]);
  const { tools, put, layout, delete: remove } = cluster(before);
  await takeLeadership(tools, 1, before);
  put('orders-0', { replicas: ['3', '1', '2'] });
  remove('orders-2');
  const { partitions, left } = await restoreLayout(tools, 1, before);
  expect(partitions).toBe(1);
  expect(left).toEqual([
    'orders-0: its replicas were changed by others meanwhile; before, they were 2,3,1, led by broker 2',
    'orders-2: it was deleted meanwhile',
  ]);
  expect(layout()[1]).toBe('2:2,3,1');
});

test('restores the order if the former leader is not in sync, and names that leader', async () => {
  const before = originals([2, 2, 3, 1]);
  const { tools, put, layout } = cluster(before);
  await takeLeadership(tools, 1, before);
  put('orders-0', { inSyncReplicas: ['1', '3'] });
  const { left } = await restoreLayout(tools, 1, before);
  expect(left).toEqual([
    'orders-0: broker 2, its former leader, is not in sync; once it is, a preferred leader election returns it (kafka-leader-election.sh)',
  ]);
  expect(layout()).toEqual(['1:2,3,1']);
});

test('restores a change whose request was sent just before and takes effect after the first check', async () => {
  const before = originals([2, 2, 3, 1]);
  const { tools, put, layout } = cluster(before);
  let looks = 0;
  const changes: LeadTools['changes'] = {
    ...tools.changes,
    async describe(io) {
      const seen = await tools.changes.describe(io);
      looks += 1;
      // The hand-over of a process that stopped before it received the response.
      if (looks === 1) put('orders-0', { replicas: ['1', '2', '3'], leader: '1' });
      return seen;
    },
  };
  expect(await restoreLayout({ ...tools, changes }, 1, before)).toEqual({ partitions: 1, left: [] });
  expect(layout()).toEqual(['2:2,3,1']);
});

test('waits for a controller that is down', async () => {
  const before = originals([2, 2, 3, 1]);
  const { tools, goAway, layout } = cluster(before);
  await takeLeadership(tools, 1, before);
  goAway(5);
  expect(await restoreLayout(tools, 1, before)).toEqual({ partitions: 1, left: [] });
  expect(layout()).toEqual(['2:2,3,1']);
});

test('the step fails if a broker does not become leader in time', async () => {
  const before = originals([2, 2, 3, 1]);
  const { tools, put } = cluster(before);
  put('orders-0', { inSyncReplicas: ['2', '3'] });
  await expect(takeLeadership(tools, 1, before)).rejects.toThrow('broker 1 does not lead orders-0 after 30 s');
});

test('checks the lease before each change', async () => {
  const before = originals([2, 2, 3, 1]);
  const { tools, changed } = cluster(before);
  const lost = { ...tools, check: () => Promise.reject(new AppError('lease-lost', 'another process holds the lease')) };
  await expect(takeLeadership(lost, 1, before)).rejects.toThrow('another process holds the lease');
  expect(changed()).toBe(0);
});
