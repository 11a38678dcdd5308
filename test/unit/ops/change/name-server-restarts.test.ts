// Checks that a change of a RocketMQ cluster stops safely while its only name server is down, and that it is resumed or rolled back
// afterwards.

import { expect, test } from 'vitest';
import { AppError } from '../../../../core/errors.ts';
import { seconds } from '../../../../core/clock.ts';
import { acquireLease } from '../../../../ops/change/acquire-lease.ts';
import { carryOut } from '../../../../ops/change/carry-out.ts';
import { newJournal, parseJournal } from '../../../../ops/change/journal.ts';
import { QueuesFacts } from '../../../../ops/rocketmq/queues/facts.ts';
import { planQueues } from '../../../../ops/rocketmq/queues/plan-queues.ts';
import { queues } from '../../../../ops/rocketmq/queues/queues.ts';
import { fakeBroker, fakeCluster } from '../../../support/fake-change-desk.ts';
import { fakeNameServers } from '../../../support/fake-lease-stores.ts';
import { createSteppedClock } from '../../../support/stepped-clock.ts';

const signal = new AbortController().signal;

/** A topic that gets one queue instead of two, while its only name server can be stopped. */
async function shrinking() {
  const clock = createSteppedClock();
  const server = fakeNameServers(clock, 1);
  const cluster = fakeCluster({ 'a:1': fakeBroker('a') });
  const { desk } = cluster;
  let isDown = false;
  const { listings } = desk;
  desk.listings = async (io) => {
    if (isDown) throw new AppError('broker-unreachable', 'cannot reach n1:9876: connection refused');
    return await listings(io);
  };
  const spec = { topic: 'orders', to: 1, brokers: [], quietSeconds: 40, settleSeconds: 50, ignoredGroups: [] };
  const { facts } = await planQueues(desk, { ...spec, giveUpReplay: true, acceptKeyMoves: true }, new Date(0), {
    signal,
  });
  // What is on disk.
  let disk = JSON.stringify(newJournal({ cluster: 'orders', change: 'queues', subject: 'orders', facts }, new Date(0)));
  const saved = () => parseJournal(JSON.parse(disk), QueuesFacts, 'queues.json');

  /** Runs one process: with the lease of the cluster, from the journal on disk. @returns how it ended */
  async function run(direction: 'forward' | 'back', consent?: () => Promise<void>): Promise<string> {
    const claim = { owner: 'alice', host: 'ops-1', change: 'queues', subject: 'orders' };
    const io = { clock, signal, tell: () => undefined };
    const taken = await acquireLease(server.connect(), claim, io, { ...(consent && { takeOver: consent }) });
    if (taken.kind !== 'acquired') return taken.kind;
    await using lease = taken.lease;
    const journal = { ...saved(), direction };
    const held = { check: async () => lease.check(), save: async () => void (disk = JSON.stringify(journal)) };
    const steps = queues.steps(journal.facts, { desk, clock });
    return await carryOut({ ...held, journal, steps, clock, signal, tell: () => undefined }, seconds(1000)).then(
      ({ kind }) => kind,
      (cause: unknown) => (cause instanceof AppError ? cause.code : String(cause)),
    );
  }

  return {
    run,
    clock,
    server,
    saved,
    setDown(next: boolean) {
      isDown = next;
      server.setDown(next);
    },
    queues: () => {
      const { readQueues, writeQueues } = cluster.brokers.get('a:1')?.topics.get('orders') ?? {};
      return { readQueues, writeQueues };
    },
  };
}

type Place = Awaited<ReturnType<typeof shrinking>>;

/** Stops the name server while producers already write to fewer queues and consumers still read all of them. */
async function stopNameServer({ run, clock, setDown, queues: now }: Place, downSeconds: number) {
  const before = now();
  const first = run('forward');
  await clock.advance(20);
  expect(now()).toEqual({ ...before, writeQueues: 1 });
  setDown(true);
  await clock.advance(downSeconds);
  setDown(false);
  await clock.advance(200);
  return { ended: await first, before };
}

test('an outage of the name server of 30 s only delays the change', async () => {
  const place = await shrinking();
  const { ended } = await stopNameServer(place, 30);
  expect(ended).toBe('done');
  expect(place.queues()).toEqual({ readQueues: 1, writeQueues: 1 });
  expect(place.server.texts()).toEqual([undefined]);
});

test.each([
  ['forward', 'done'],
  ['back', 'rolled-back'],
] as const)('an outage of 90 s stops the change, which then goes %s with --take-over', async (direction, end) => {
  const place = await shrinking();
  const { ended, before } = await stopNameServer(place, 90);
  expect(ended).toBe('lease-lost');
  // Nothing that was not read is lost: consumers still read every queue.
  expect(place.queues()).toEqual({ ...before, writeQueues: 1 });
  expect(place.saved()).toMatchObject({ status: 'running', direction: 'forward' });
  const asked: string[] = [];
  const refused = place.run(direction);
  await place.clock.advance(100);
  expect(await refused).toBe('expired');
  const next = place.run(direction, async () => void asked.push('take over'));
  await place.clock.advance(400);
  expect({ end: await next, asked }).toEqual({ end, asked: ['take over'] });
  expect(place.queues()).toEqual(direction === 'back' ? before : { readQueues: 1, writeQueues: 1 });
  expect(place.server.texts()).toEqual([undefined]);
});
