import { expect, test } from 'vitest';
import type { AppError } from '../../../../../core/errors.ts';
import { begun, carry, cluster, given, lying, wanted } from '../../../../support/carried-reassignment.ts';
import { pretendKafka, type Pretend } from '../../../../support/pretend-kafka.ts';
import { placed } from '../../../../support/reassign-journal.ts';

test('cancels moves to a dead broker after a wait, and continues once the broker is back', async () => {
  const pretend = cluster();
  const disk = { state: begun() };
  pretend.onRequest = () => {
    if (pretend.moving.size > 0) pretend.alive.delete(4);
  };
  const fault = await carry(pretend, disk).then(
    () => undefined,
    (cause: AppError) => cause,
  );
  expect(fault?.message).toContain('broker 4 was gone from the cluster for 20 s');
  expect(pretend.moving.size).toBe(0);
  pretend.onRequest = () => undefined;
  pretend.alive.add(4);
  const { outcome } = await carry(pretend, disk);
  expect(outcome.kind).toBe('done');
  expect(given(pretend)).toEqual([]);
});

function withOffline(isOffline: (pretend: Pretend) => boolean) {
  const pretend = cluster();
  const { sizes } = pretend.changes;
  pretend.copySeconds = 60;
  // Broker 1 gets no replica.
  pretend.changes.sizes = async (io) =>
    (await sizes(io)).map((each) =>
      [1, 4].includes(each.disk.broker) && isOffline(pretend)
        ? { ...each, offline: ['/b: KAFKA_STORAGE_ERROR'] }
        : each,
    );
  return pretend;
}

test('cancels moves to a broker whose log directory goes offline, instead of waiting for them', async () => {
  const pretend = withOffline(({ moving, clock }) =>
    [...moving.values()].some(({ begun: since }) => clock.monotonic() > since + 20),
  );
  await expect(carry(pretend, { state: begun() })).rejects.toThrow('a log directory went offline: broker 4. ');
  expect([pretend.moving.size, given(pretend)]).toEqual([0, []]);
});

test('a broker cordoned during a wave gets no replicas of the next one; uncordoned, the change continues or rolls back', async () => {
  for (const way of [undefined, 'abort'] as const) {
    const pretend = cluster();
    const { sizes } = pretend.changes;
    let isCordoned = false;
    pretend.changes.sizes = async (io) => {
      isCordoned ||= pretend.moving.size > 0;
      const mark = (broker: number) => (broker === 4 && isCordoned ? { isCordoned: true as const } : {});
      return (await sizes(io)).map((each) => ({ ...each, disk: { ...each.disk, ...mark(each.disk.broker) } }));
    };
    const disk = { state: begun() };
    await expect(carry(pretend, disk)).rejects.toMatchObject({
      code: 'change-stopped',
      message: expect.stringMatching(
        /^the change stopped: broker 4 would get the next replicas, but .* cordoned .*--abort\. 1 of 3 replicas are where they should be\. Nothing moves\.$/,
      ),
    });
    expect(given(pretend)).toEqual([]);
    if (way === undefined) pretend.changes.sizes = sizes;
    const { outcome } = await carry(pretend, disk, () => way);
    expect([outcome.kind, pretend.replicasOf()]).toEqual(way ? ['rolled-back', lying] : ['done', wanted]);
  }
});

test('a log directory that was offline before does not stop a change that is continued', async () => {
  const { outcome } = await carry(
    withOffline(() => true),
    { state: begun() },
  );
  expect(outcome.kind).toBe('done');
});

test('a broker that fails while its throttle is updated does not end the change', async () => {
  const pretend = cluster();
  const disk = { state: begun() };
  let changes = 0;
  let comesBack = Infinity;
  pretend.onRequest = (name) => {
    if (pretend.moving.size > 0 && name === 'alterSettings') {
      changes += 1;
      pretend.alive.delete(3);
      comesBack = pretend.clock.monotonic() + 10;
    } else if (pretend.clock.monotonic() >= comesBack) pretend.alive.add(3);
  };
  pretend.copySeconds = 30;
  // The incoming rate falls once the wave has begun, and the throttle with it.
  pretend.growth = 5_000_000;
  const { outcome } = await carry(pretend, disk);
  expect([outcome.kind, changes > 0]).toEqual(['done', true]);
  expect(given(pretend)).toEqual([]);
});

test.each(['settingsOf', 'alterSettings'])(
  'a broker that fails at %s when a wave begins does not end the change',
  async (request) => {
    const pretend = cluster();
    let isGone = false;
    pretend.onRequest = (name) => {
      if (pretend.moving.size > 0) pretend.alive.add(3);
      else if (name === request && !isGone) {
        isGone = true;
        pretend.alive.delete(3);
      }
    };
    const { outcome } = await carry(pretend, { state: begun() });
    expect([outcome.kind, isGone]).toEqual(['done', true]);
    expect(given(pretend)).toEqual([]);
  },
);

test('a wave starts although a broker that it does not need is down', async () => {
  const pretend = cluster();
  pretend.alive.delete(3);
  const toFour = begun({ original: placed(lying).slice(0, 2), target: placed(wanted).slice(0, 2) });
  expect((await carry(pretend, { state: toFour })).outcome.kind).toBe('done');
  expect(given(pretend)).toEqual([]);
});

/** One partition and brokers 1 to 4, of which some are dead; two replicas have to be in sync. */
function small(replicas: readonly number[], dead: readonly number[]) {
  const pretend = pretendKafka([{ topic: 'orders', partition: 0, replicas: [...replicas], bytes: 1000 }], [1, 2, 3, 4]);
  for (const id of dead) pretend.alive.delete(id);
  return pretend;
}
const facts = (original: number[], target: number[], leaving: number[] = []) =>
  begun({ original: placed([original]), target: placed([target]), leaving, minInSync: { orders: 2 } });

test('replaces a dead broker although fewer replicas than the minimum are in sync', async () => {
  const pretend = small([1, 3], [3]);
  expect((await carry(pretend, { state: facts([1, 3], [1, 4], [3]) })).outcome.kind).toBe('done');
  expect(pretend.replicasOf()).toEqual([[1, 4]]);
});

test('a dead broker that partitions of other topics still list is named after the change', async () => {
  const left = { topic: 'single', partition: 1, replicas: [3], bytes: 1000 };
  const orders = { topic: 'orders', partition: 0, replicas: [1, 3], bytes: 1000 };
  const pretend = pretendKafka([orders, left], [1, 2, 3, 4]);
  pretend.alive.delete(3);
  const { outcome } = await carry(pretend, { state: facts([1, 3], [1, 4], [3]) });
  expect(outcome).toMatchObject({ kind: 'done' });
  expect(outcome.after.map(({ message }) => message)).toContain(
    'Broker 3 still holds replicas (partitions: 1, only copies: 1; single-1): it is not in the cluster, so move these replicas too.',
  );
});

test('a broker with topics that the user may not describe is not safe to stop', async () => {
  const hidden = [[3, 1], [3]].map((replicas, partition) => ({
    topic: '__consumer_offsets',
    partition,
    replicas,
    bytes: 1000,
  }));
  const orders = { topic: 'orders', partition: 0, replicas: [1, 3], bytes: 1000 };
  const pretend = pretendKafka([orders, ...hidden], [1, 2, 3, 4]);
  const { describe } = pretend.changes;
  pretend.changes.describe = async (io) => {
    const metadata = await describe(io);
    return { ...metadata, topics: metadata.topics.filter(({ name }) => name === 'orders') };
  };
  const { outcome } = await carry(pretend, { state: facts([1, 3], [1, 4], [3]) });
  expect(outcome).toMatchObject({ kind: 'done' });
  expect(outcome.kind === 'paused' ? [] : outcome.after).toContainEqual(
    expect.objectContaining({
      severity: 'critical',
      code: 'removal-unsafe',
      message:
        'Broker 3 still holds replicas (partitions: 2, only copies: 1; __consumer_offsets-0, __consumer_offsets-1): do not stop it.',
    }),
  );
});

test.each<[voters: Parameters<typeof begun>[0], expected: string]>([
  [{}, 'info removal-safe'],
  [{ leavingVoters: [3] }, 'warning removal-of-voter'],
  [{ votersUnread: 'no answer within 5 s' }, 'warning removal-of-voter'],
])('reports on an empty leaving broker with voters %j: %s', async (voters, expected) => {
  const moved = { original: placed([[1, 3]]), target: placed([[1, 4]]), leaving: [3] };
  const state = begun({ ...moved, ...voters });
  const { outcome } = await carry(small([1, 3], []), { state });
  const after = outcome.kind === 'paused' ? [] : outcome.after;
  const removal = after.filter(({ code }) => code.startsWith('removal'));
  expect(removal.map(({ severity, code }) => `${severity} ${code}`)).toEqual([expected]);
});

test('a rollback does not wait for the replica on a new broker that died', async () => {
  const pretend = small([1, 3], []);
  const { outcome } = await carry(pretend, { state: facts([1, 3], [1, 4]) }, () => {
    if (pretend.replicasOf()[0]?.[1] !== 4) return undefined;
    pretend.alive.delete(4);
    return 'abort';
  });
  expect([outcome.kind, pretend.replicasOf()]).toEqual(['rolled-back', [[1, 3]]]);
});

test('a wave that removes an in-sync replica waits until the remaining replica is in sync', async () => {
  const pretend = small([1, 2, 3], [3]);
  const began = pretend.clock.monotonic();
  const started: number[] = [];
  pretend.onRequest = (name) => {
    const seconds = pretend.clock.monotonic() - began;
    if (seconds >= 10) pretend.alive.add(3);
    if (name === 'reassign') started.push(seconds);
  };
  expect((await carry(pretend, { state: facts([1, 2, 3], [1, 3]) })).outcome.kind).toBe('done');
  expect(started[0]).toBeGreaterThanOrEqual(10);
});
