import { expect, test } from 'vitest';
import { carryRedline } from '../../../../app/redline/carry-redline.ts';
import type { RedlineDrive } from '../../../../app/redline/drive-redline.ts';
import { AppError } from '../../../../core/errors.ts';
import { newJournal } from '../../../../ops/change/journal.ts';
import { rocketmqRedline } from '../../../../ops/rocketmq/redline/rocketmq-redline.ts';
import { topicOf } from '../../../support/defined-topic.ts';
import { fakeBroker, fakeCluster } from '../../../support/fake-change-desk.ts';
import { createHandClock } from '../../../support/hand-clock.ts';
import { inEnglish } from '../../../support/in-english.ts';

const row = { topic: 'orders', brokerName: 'a', address: 'a:1' };
const queues = (count: number) => ({ readQueues: count, writeQueues: count });

/** A redline of broker a that was killed when topic orders had 4 queues, and before that 2. */
function killed(gone: readonly string[] = []) {
  const broker = fakeBroker('a', { topics: new Map([['orders', topicOf('orders', queues(4))]]) });
  const cluster = fakeCluster({ 'a:1': broker, 'b:1': fakeBroker('b') });
  const clock = createHandClock();
  const facts = { broker: 'a', bundle: '/runs/redline', stepShare: 0.05, holdSeconds: 60, maxMoves: 10 };
  const layout = { original: [{ ...row, ...queues(2) }], set: [{ ...row, ...queues(4) }] };
  const named = { cluster: 'orders', change: 'redline', subject: 'broker a' };
  const journal = newJournal({ ...named, facts: { ...facts, ...layout } }, clock.now());
  journal.steps.push({ id: 'raise-load', begunAt: clock.now().toISOString(), evidence: [] });
  journal.direction = 'back';
  const told: string[] = [];
  const view = { tell: (line: string) => void told.push(line), progress: () => {}, clear: () => {} };
  const driver = rocketmqRedline(cluster.desk, { broker: 'a', clock, ignoredGroups: [], gone });
  const { signal } = new AbortController();
  const guard = { save: async () => {}, check: async () => {}, request: async () => undefined };
  const held = { ...guard, journal, clock, signal, tell: view.tell };
  const carry = (drive?: RedlineDrive) => carryRedline({ kind: 'rocketmq', driver, view }, held, drive);
  return { carry, broker, clock, journal, told, queues: () => broker.topics.get('orders') };
}

test('--abort while the broker is down reports it at once, pauses after five minutes, and completes when it is back', async () => {
  const { carry, broker, clock, journal, told, queues } = killed();
  broker.isUp = false;
  await expect(carry()).rejects.toMatchObject({
    code: 'change-stopped',
    message: expect.stringMatching(
      /^redline of broker a is not rolled back yet: .*broker a has no master now/,
    ) as string,
    hint: expect.stringContaining('--gone: a'),
  });
  expect(told.filter((line) => line.startsWith('  held: '))).toEqual(['  held: broker a has no master now']);
  expect(clock.monotonic()).toBeLessThan(310);
  expect(journal.status).toBe('running');

  broker.isUp = true;
  expect(await carry()).toEqual({ kind: 'rolled-back' });
  expect(queues()).toMatchObject({ readQueues: 2, writeQueues: 2 });
  expect(journal.facts).toMatchObject({ restored: { partitions: 1, left: [] } });
});

test('--abort --gone ends a redline at once whose broker never returns, and keeps its former queues', async () => {
  const { carry, queues } = killed(['a']);
  expect(await carry()).toEqual({ kind: 'rolled-back' });
  expect(queues()).toMatchObject({ readQueues: 2, writeQueues: 2 });

  const lost = killed(['a:0']);
  lost.broker.isUp = false;
  expect(await lost.carry()).toEqual({ kind: 'rolled-back' });
  expect(lost.clock.monotonic()).toBeLessThan(5);
  expect(lost.journal.facts).toMatchObject({
    restored: {
      partitions: 0,
      left: [expect.stringMatching(/^a is not restored \(--gone\).*orders with read queues 2, write queues 2/)],
    },
  });
  await expect(killed(['c']).carry()).rejects.toThrow('--gone c: this change restores no such broker, only a');
});

test('an interrupted redline restores the layout and names the command that analyzes its bundle', async () => {
  const { carry, journal, told, queues } = killed();
  Object.assign(journal, { direction: 'forward', steps: [] });
  const raise = () => Promise.reject(new AppError('aborted', 'interrupted by SIGINT'));
  const drive: RedlineDrive = { raise, [Symbol.asyncDispose]: async () => undefined };
  await expect(carry(drive)).rejects.toMatchObject({ code: 'aborted' });
  expect(queues()).toMatchObject({ readQueues: 2, writeQueues: 2 });
  expect(told.at(-1)).toBe('next: plimsoll analyze /runs/redline');
});

test('--resume after a failed rollback keeps why the load had ended', async () => {
  const { carry, journal } = killed();
  const stop = { code: 'limit', message: 'CPU of broker a is above 85%' } as const;
  Object.assign(journal.facts, { stop, moves: 4 });
  journal.direction = 'forward';
  expect(await carry()).toEqual({ kind: 'done' });
  expect(journal.facts).toMatchObject({ stop, moves: 4 });
});

test('the journal keeps why a redline ended and what it restored, also if its bundle cannot be analyzed', async () => {
  const { carry, journal } = killed();
  Object.assign(journal, { direction: 'forward', steps: [] });
  const stop = { code: 'limit', message: 'CPU of broker a is above 85%' } as const;
  const drive: RedlineDrive = { raise: async () => ({ stop, moves: 4 }), [Symbol.asyncDispose]: async () => undefined };
  expect(await carry(drive)).toEqual({ kind: 'done' });
  expect(journal.steps.map(({ evidence }) => inEnglish(evidence))).toEqual([
    [stop.message],
    ['1 topic has the former numbers of read and write queues'],
  ]);
});
