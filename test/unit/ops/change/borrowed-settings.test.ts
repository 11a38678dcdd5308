import { expect, test } from 'vitest';
import type { Configured } from '../../../../brokers/kafka/changes/settings.ts';
import { borrow, giveBack, type Borrower } from '../../../../ops/change/borrowed-settings.ts';
import { pretendKafka } from '../../../support/pretend-kafka.ts';

const { signal } = new AbortController();
const retention = { 'retention.ms': '3600000' };

/** @param topics how many there are; each request takes a turn of the event loop */
function borrower(topics: number) {
  const kafka = pretendKafka([], [1]);
  let under = 0;
  let most = 0;
  const underWay = new Map<string, number>();
  const together: string[] = [];
  const slowly =
    <Rest extends unknown[], Answer>(ask: (of: Configured, ...rest: Rest) => Promise<Answer>) =>
    async (of: Configured, ...rest: Rest): Promise<Answer> => {
      const own = `${of.kind} ${of.name}`;
      most = Math.max(most, ++under);
      underWay.set(own, (underWay.get(own) ?? 0) + 1);
      if ((underWay.get(own) ?? 0) > 1) together.push(own);
      await new Promise(setImmediate);
      under -= 1;
      underWay.set(own, (underWay.get(own) ?? 0) - 1);
      return ask(of, ...rest);
    };
  const changes = {
    settingsOf: slowly(kafka.changes.settingsOf),
    alterSettings: slowly(kafka.changes.alterSettings),
  };
  const run: Borrower = {
    changes,
    state: { borrowed: [], log: [] },
    clock: kafka.clock,
    signal,
    save: async () => undefined,
    tell: () => undefined,
  };
  const names = Array.from({ length: topics }, (_, index) => `orders-${index}`);
  const set = (settings: Readonly<Record<string, string>>) =>
    names.map((name) => ({ kind: 'topic' as const, name, settings }));
  const takeMost = () => {
    const reached = most;
    most = 0;
    return reached;
  };
  const left = () => [...kafka.settings.values()].flatMap((own) => [...own]);
  return { run, set, takeMost, together, left };
}

test('settings of many topics are read, and given back, with 16 requests under way', async () => {
  const { run, set, takeMost, left } = borrower(100);
  expect(await borrow(run, 'retention', set(retention))).toBeUndefined();
  expect([takeMost(), run.state.borrowed.length, left().length]).toEqual([16, 100, 100]);
  expect(await giveBack(run, 'all', signal)).toEqual([]);
  expect([takeMost(), run.state.borrowed, left()]).toEqual([16, [], []]);
});

test('settings of one topic are given back one after the other', async () => {
  const { run, set, together, left } = borrower(20);
  await borrow(run, 'retention', set(retention));
  await borrow(run, 'throttle', set({ 'leader.replication.throttled.replicas': '0:1' }));
  expect(run.state.borrowed.length).toBe(40);
  expect(await giveBack(run, 'all', signal)).toEqual([]);
  expect([together, run.state.borrowed, left()]).toEqual([[], [], []]);
});
