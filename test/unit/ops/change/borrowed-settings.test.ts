import { expect, test } from 'vitest';
import type { Configured } from '../../../../brokers/kafka/changes/settings.ts';
import { AppError } from '../../../../core/errors.ts';
import { borrow, giveBack, type Borrower } from '../../../../ops/change/borrowed-settings.ts';
import { pretendKafka } from '../../../support/pretend-kafka.ts';

const { signal } = new AbortController();
const retention = { 'retention.ms': '3600000' };

/** @param topics number of topics; each request takes a turn of the event loop */
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
    journal: { borrowed: [], log: [] },
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
  const change = kafka.changes.alterSettings;
  return { run, set, takeMost, together, left, change };
}

test('reads and restores the settings of many topics with 16 concurrent requests', async () => {
  const { run, set, takeMost, left } = borrower(100);
  expect(await borrow(run, 'retention', set(retention))).toBeUndefined();
  expect([takeMost(), run.journal.borrowed.length, left().length]).toEqual([16, 100, 100]);
  expect(await giveBack(run, 'all', signal)).toEqual([]);
  expect([takeMost(), run.journal.borrowed, left()]).toEqual([16, [], []]);
});

test('restores the settings of one topic one after the other', async () => {
  const { run, set, together, left } = borrower(20);
  await borrow(run, 'retention', set(retention));
  await borrow(run, 'throttle', set({ 'leader.replication.throttled.replicas': '0:1' }));
  expect(run.journal.borrowed.length).toBe(40);
  expect(await giveBack(run, 'all', signal)).toEqual([]);
  expect([together, run.journal.borrowed, left()]).toEqual([[], [], []]);
});

test('keeps a setting that somebody else changed during the change', async () => {
  const { run, set, left, change } = borrower(1);
  await borrow(run, 'ab-test', set({ 'retention.ms': '1000' }));
  await borrow(run, 'ab-test', set({ 'retention.ms': '2000' }));
  await change({ kind: 'topic', name: 'orders-0' }, { 'retention.ms': '5000' }, { signal });
  await expect(borrow(run, 'ab-test', set({ 'retention.ms': '1000' }))).rejects.toMatchObject({
    code: 'change-stopped',
    message: 'retention.ms of topic orders-0 was changed by others to 5000',
  });
  expect(await giveBack(run, 'all', signal)).toEqual([]);
  expect([run.journal.borrowed, left()]).toEqual([[], [['retention.ms', '5000']]]);
  expect(run.journal.log).toMatchObject([{ zh: 'Topic orders-0 的 retention.ms 已被他人改为 5000，予以保留' }]);
});

const unknownTopic = new AppError(
  'broker-refused',
  'cannot read the settings of topic orders-0 on 127.0.0.1:9001: UNKNOWN_TOPIC_OR_PARTITION',
);

test('restores a topic that a freshly started broker does not know at the first request', async () => {
  const { run, set, left } = borrower(1);
  await borrow(run, 'retention', set(retention));
  const { settingsOf } = run.changes;
  let answers = 0;
  run.changes.settingsOf = async (...question) => {
    answers += 1;
    if (answers <= 2) throw unknownTopic;
    return settingsOf(...question);
  };
  expect(await giveBack(run, 'all', signal)).toEqual([]);
  expect([run.journal.borrowed, left(), run.journal.log]).toEqual([[], [], []]);
});

test('drops and logs the setting of a topic that stays unknown for seconds, because the topic was deleted', async () => {
  const { run, set } = borrower(1);
  await borrow(run, 'retention', set(retention));
  run.changes.settingsOf = async () => Promise.reject(unknownTopic);
  const began = run.clock.monotonic();
  expect(await giveBack(run, 'all', signal)).toEqual([]);
  expect([run.journal.borrowed, run.clock.monotonic() - began]).toEqual([[], 8]);
  expect(run.journal.log.map(({ says }) => says)).toEqual([
    'topic orders-0 no longer exists, so nothing is restored there: retention.ms',
  ]);
});

test('a re-created topic keeps its settings, and settings borrowed again are restored to its current values', async () => {
  const { run, set, left, change } = borrower(1);
  const topic = { kind: 'topic', name: 'orders-0' } as const;
  // A reassignment throttles its brokers and topics together.
  const broker = { kind: 'broker' as const, name: '1', settings: { 'follower.replication.throttled.rate': '1000' } };
  const throttle = [broker, ...set({ 'retention.ms': '1' })];
  let id = 'first';
  run.changes.describe = async () => ({
    brokers: [],
    topics: [{ name: topic.name, id, internal: false, partitions: [] }],
  });
  await change(topic, { 'retention.ms': '7' }, { signal });
  await borrow(run, 'throttle', throttle);
  id = 'second';
  await change(topic, { 'retention.ms': '9' }, { signal });
  expect(await giveBack(run, 'all', signal)).toEqual([]);
  expect([run.journal.borrowed, left()]).toEqual([[], [['retention.ms', '9']]]);
  expect(run.journal.log.map(({ says }) => says)).toEqual(['topic orders-0 was created again, and keeps its settings']);

  await borrow(run, 'throttle', throttle);
  id = 'third';
  await change(topic, { 'retention.ms': '11' }, { signal });
  await borrow(run, 'throttle', throttle);
  expect(await giveBack(run, 'all', signal)).toEqual([]);
  expect(left()).toEqual([['retention.ms', '11']]);
});

test('the setting of a topic that is still unknown when the process stops stays in the journal', async () => {
  const { run, set } = borrower(1);
  await borrow(run, 'retention', set(retention));
  const stop = new AbortController();
  run.changes.settingsOf = async () => {
    stop.abort();
    throw unknownTopic;
  };
  await expect(giveBack(run, 'all', stop.signal)).rejects.toBe(stop.signal.reason);
  expect(run.journal.borrowed).toHaveLength(1);
});
