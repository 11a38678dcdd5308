// Checks that one operator at a time holds the lease, with races, stalls and clock changes.

import { describe, expect, test } from 'vitest';
import { ChangeLease, releasedText } from '../../../../core/documents/change-lease.ts';
import { seconds } from '../../../../core/clock.ts';
import { acquireLease, observeLease, type Acquisition } from '../../../../ops/change/acquire-lease.ts';
import type { HeldLease } from '../../../../ops/change/hold-lease.ts';
import { clearLeftLease } from '../../../../ops/change/left-lease.ts';
import { fakeKafkaGroup, fakeNameServers, type FakeLeaseCluster } from '../../../support/fake-lease-stores.ts';
import { createSteppedClock, type SteppedClock } from '../../../support/stepped-clock.ts';

const stores = {
  'a Kafka group': fakeKafkaGroup,
  'one name server': (clock: SteppedClock) => fakeNameServers(clock, 1),
  'three name servers': (clock: SteppedClock) => fakeNameServers(clock, 3),
};
const claimOf = (owner: string) => ({ owner, host: `${owner}-laptop`, change: 'reassign', subject: 'all topics' });
const consent = async () => {};

function operatorOf(cluster: FakeLeaseCluster, clock: SteppedClock, owner: string, latency?: () => number) {
  const store = cluster.connect(latency);
  const told: string[] = [];
  const io = { clock, signal: new AbortController().signal, tell: (line: string) => told.push(line) };
  return {
    store,
    told,
    acquire: (takeOver?: () => Promise<void>, expired?: string) =>
      acquireLease(store, claimOf(owner), io, {
        ...(takeOver && { takeOver }),
        ...(expired !== undefined && { expired }),
      }),
    observe: () => observeLease(store, io),
  };
}

async function after<Value>(clock: SteppedClock, duration: number, work: PromiseLike<Value>): Promise<Value> {
  const settled = Promise.resolve(work).then(
    (value) => ({ value }),
    (cause: unknown) => ({ cause }),
  );
  await clock.advance(duration);
  const outcome = await settled;
  if ('cause' in outcome) throw outcome.cause;
  return outcome.value;
}

function leaseOf(acquisition: Acquisition): HeldLease {
  if (acquisition.kind !== 'acquired') throw new Error(`not acquired: ${acquisition.kind}`);
  return acquisition.lease;
}

/** Deterministic, from 0 to `most`. */
function latencies(seed: number, most: number): () => number {
  let state = seed * 2654435761 + 1;
  return () => {
    state = (state * 1103515245 + 12345) % 2147483648;
    return (most * state) / 2147483648;
  };
}

describe.each(Object.entries(stores))('at %s', (_, storesOf) => {
  const begin = () => {
    const clock = createSteppedClock();
    return { clock, cluster: storesOf(clock) };
  };

  test('a free lease is acquired, renewed every 3 s, and removed on release', async () => {
    const { clock, cluster } = begin();
    const lease = leaseOf(await after(clock, 10, operatorOf(cluster, clock, 'alice').acquire()));
    const heartbeatNow = () => ChangeLease.parse(JSON.parse(cluster.texts()[0] ?? '')).heartbeat;
    const first = heartbeatNow();
    await clock.advance(30);
    expect(heartbeatNow() - first).toBe(10);
    expect(() => lease.check()).not.toThrow();
    await after(clock, 10, lease[Symbol.asyncDispose]());
    expect(cluster.texts().every((text) => text === undefined || text === '')).toBe(true);
  });

  test('a second operator is refused at the next heartbeat with the name of the holder, even with --take-over', async () => {
    const { clock, cluster } = begin();
    const lease = leaseOf(await after(clock, 10, operatorOf(cluster, clock, 'alice').acquire()));
    const second = await after(clock, 10, operatorOf(cluster, clock, 'bob').acquire(consent));
    expect(second).toMatchObject({ kind: 'live', holder: { owner: 'alice', host: 'alice-laptop' } });
    await clock.advance(10);
    expect(() => lease.check()).not.toThrow();
  });

  test.each(Array.from({ length: 12 }, (__, seed) => seed))(
    'exactly one of two concurrent operators acquires the lease (seed %i)',
    async (seed) => {
      const { clock, cluster } = begin();
      const [alice, bob] = [
        operatorOf(cluster, clock, 'alice', latencies(seed, 0.9)),
        operatorOf(cluster, clock, 'bob', latencies(seed + 100, 0.9)),
      ];
      const both = Promise.all([alice.acquire(), bob.acquire()]);
      const outcomes = await after(clock, 120, both);
      expect(
        outcomes.filter(({ kind }) => kind === 'acquired'),
        JSON.stringify(outcomes),
      ).toHaveLength(1);
      await clock.advance(60);
      expect(() =>
        outcomes.flatMap((each) => (each.kind === 'acquired' ? [each.lease] : []))[0]?.check(),
      ).not.toThrow();
      expect(new Set(cluster.texts().map((text) => ChangeLease.parse(JSON.parse(text ?? '')).owner)).size).toBe(1);
    },
  );

  test('the lease of a killed owner can be taken over only after 60 s without heartbeat, and only with consent', async () => {
    const { clock, cluster } = begin();
    const dead = operatorOf(cluster, clock, 'alice');
    cluster.put(JSON.stringify({ ...documentOf('alice'), heartbeat: 7 }));
    dead.store.stall();
    const watching = operatorOf(cluster, clock, 'bob').acquire();
    let isDecided = false;
    void watching.then(() => (isDecided = true));
    await clock.advance(59);
    expect(isDecided).toBe(false);
    expect(await after(clock, 3, watching)).toMatchObject({ kind: 'expired', holder: { owner: 'alice' } });
    let consented = '';
    const taking = operatorOf(cluster, clock, 'bob').acquire(async () => void (consented = 'yes'));
    const lease = leaseOf(await after(clock, 80, taking));
    expect(consented).toBe('yes');
    await clock.advance(10);
    expect(() => lease.check()).not.toThrow();
  });

  test('a lease that an earlier command saw expire is taken over without a second wait, unless it was renewed since', async () => {
    const { clock, cluster } = begin();
    cluster.put(JSON.stringify({ ...documentOf('alice'), heartbeat: 7 }));
    const seen = await after(clock, 70, operatorOf(cluster, clock, 'bob').acquire());
    if (seen.kind !== 'expired') throw new Error(seen.kind);
    cluster.put(JSON.stringify({ ...documentOf('alice'), heartbeat: 8 }));
    const watching = operatorOf(cluster, clock, 'bob').acquire(consent, seen.print);
    await clock.advance(2);
    cluster.put(JSON.stringify({ ...documentOf('alice'), heartbeat: 9 }));
    expect(await after(clock, 10, watching)).toMatchObject({ kind: 'live' });
    cluster.put(JSON.stringify({ ...documentOf('alice'), heartbeat: 7 }));
    leaseOf(await after(clock, 10, operatorOf(cluster, clock, 'bob').acquire(consent, seen.print)));
  });

  test('steps of the wall clock neither prolong nor end a lease', async () => {
    const { clock, cluster } = begin();
    let stepped = 0;
    const steppedClock = { ...clock, now: () => new Date(clock.now().getTime() + stepped) };
    const lease = leaseOf(await after(clock, 10, operatorOf(cluster, steppedClock, 'alice').acquire()));
    stepped = -86_400_000;
    await clock.advance(20);
    stepped = 86_400_000;
    await clock.advance(20);
    expect(() => lease.check()).not.toThrow();
    const second = await after(clock, 10, operatorOf(cluster, steppedClock, 'bob').acquire());
    expect(second).toMatchObject({ kind: 'live' });
  });

  test('an owner that was stalled for longer than the expiry is fenced by the new owner', async () => {
    const { clock, cluster } = begin();
    // Time that stops for the first owner but not for the second.
    const [slow, fast] = [createSteppedClock(), clock];
    const owner = operatorOf(cluster, slow, 'alice');
    const lease = leaseOf(await after(slow, 10, owner.acquire()));
    owner.store.stall();
    const taken = leaseOf(await after(fast, 80, operatorOf(cluster, fast, 'bob').acquire(consent)));
    await slow.advance(4);
    expect(() => lease.check()).toThrow(/no longer holds the lease.*(bob on bob-laptop|another process)/);
    expect(await after(slow, 10, lease.otherHolder())).toMatchObject({ owner: 'bob', host: 'bob-laptop' });
    await fast.advance(10);
    expect(() => taken.check()).not.toThrow();
    expect(await after(fast, 10, taken.otherHolder())).toBeUndefined();
    await slow.advance(10);
    await after(slow, 5, lease[Symbol.asyncDispose]());
    expect(cluster.texts().every((text) => text?.includes('bob'))).toBe(true);
  });

  test('an owner that cannot renew gives up, with the reason, before others may take over', async () => {
    const { clock, cluster } = begin();
    const lease = leaseOf(await after(clock, 10, operatorOf(cluster, clock, 'alice').acquire()));
    cluster.setDown(true);
    await clock.advance(30);
    expect(() => lease.check()).not.toThrow();
    await clock.advance(20);
    expect(() => lease.check()).toThrow(/was not renewed for \d\d s: cannot reach/);
    expect(await after(clock, 20, lease.otherHolder())).toBeUndefined();
  });

  test('a lease survives an outage of the store that is shorter than the expiry', async () => {
    const { clock, cluster } = begin();
    const lease = leaseOf(await after(clock, 10, operatorOf(cluster, clock, 'alice').acquire()));
    cluster.setDown(true);
    await clock.advance(30);
    cluster.setDown(false);
    await clock.advance(60);
    expect(() => lease.check()).not.toThrow();
  });

  test('acquires nothing while the store does not answer', async () => {
    const { clock, cluster } = begin();
    cluster.setDown(true, cluster.texts().length - 1);
    const outcome = await after(clock, 10, operatorOf(cluster, clock, 'alice').acquire(consent));
    expect(outcome).toMatchObject({ kind: 'unreachable', fault: { code: 'broker-unreachable' } });
    cluster.setDown(false);
    expect(cluster.texts().every((text) => text === undefined)).toBe(true);
  });

  test.each([
    ['a later version', JSON.stringify({ schemaVersion: 2, holder: 'alice' }), /version is 2/],
    ['another tool', 'locked by alice', /not JSON/],
    ['a document without a version', '{}', /version is missing/],
  ])('refuses a lease of %s and leaves it unchanged', async (__, text, reason) => {
    const { clock, cluster } = begin();
    cluster.put(text);
    const outcome = await after(clock, 100, operatorOf(cluster, clock, 'bob').acquire(consent));
    expect(outcome).toMatchObject({ kind: 'unreadable', reason: expect.stringMatching(reason) });
    expect(cluster.texts().every((each) => each === text)).toBe(true);
  });

  test('a lease whose release failed is removed by its id later, and other leases are kept', async () => {
    const { clock, cluster } = begin();
    const first = operatorOf(cluster, clock, 'alice');
    const lease = leaseOf(await after(clock, 10, first.acquire()));
    const said: string[] = [];
    const io = { clock, signal: new AbortController().signal, tell: (line: string) => said.push(line) };
    const clear = (id: string) => after(clock, 30, clearLeftLease(cluster.connect(), id, io));
    expect(await clear(lease.id)).toBe('live');
    cluster.setDown(true);
    expect(await after(clock, 10, lease.release())).toBe(false);
    first.store.stall();
    await expect(clear(lease.id)).rejects.toMatchObject({ code: 'broker-unreachable' });
    cluster.setDown(false);
    expect(await clear('another')).toBe('gone');
    expect(cluster.texts().every((text) => text?.includes('alice'))).toBe(true);
    expect(await clear(lease.id)).toBe('cleared');
    expect(said.at(-1)).toMatch(/waiting 15 s, and removing it/);
    expect(cluster.texts().every((text) => text === undefined || text === '')).toBe(true);
    expect(await clear(lease.id)).toBe('gone');
  });

  test('a lease that was deleted by hand is lost', async () => {
    const { clock, cluster } = begin();
    const lease = leaseOf(await after(clock, 10, operatorOf(cluster, clock, 'alice').acquire()));
    cluster.put(undefined);
    await clock.advance(4);
    expect(() => lease.check()).toThrow(/it was deleted/);
  });
});

test('a name server that was down misses renewals and holds the lease again when it is back', async () => {
  const clock = createSteppedClock();
  const cluster = fakeNameServers(clock, 3);
  const lease = leaseOf(await after(clock, 10, operatorOf(cluster, clock, 'alice').acquire()));
  cluster.setDown(true, 1);
  await clock.advance(120);
  cluster.put(undefined, 1);
  cluster.setDown(false, 1);
  await clock.advance(4);
  expect(() => lease.check()).not.toThrow();
  expect(cluster.texts().every((text) => text?.includes('alice'))).toBe(true);
});

test('a Kafka cluster keeps the last reassignment for later owners, whatever changes follow', async () => {
  const clock = createSteppedClock();
  const cluster = fakeKafkaGroup(clock);
  const startedAt = new Date(0).toISOString();
  const lease = leaseOf(await after(clock, 10, operatorOf(cluster, clock, 'alice').acquire()));
  expect(lease.placedBy).toBeUndefined();
  await after(clock, 1, lease.placesReplicas(startedAt));
  expect(ChangeLease.parse(JSON.parse(cluster.texts()[0] ?? '')).placedBy?.startedAt).toBe(startedAt);
  await after(clock, 10, lease.release());
  expect(await after(clock, 10, operatorOf(cluster, clock, 'bob').observe())).toMatchObject({ kind: 'free' });

  const other = leaseOf(await after(clock, 10, operatorOf(cluster, clock, 'bob').acquire()));
  const placedBy = { startedAt, by: expect.stringContaining('alice on alice-laptop (reassign of all topics') };
  expect(other.placedBy).toEqual(placedBy);
  await after(clock, 10, other.release());

  cluster.put(JSON.stringify({ ...documentOf('carol'), placedBy: other.placedBy }));
  const refused = operatorOf(cluster, clock, 'dave').acquire(() => Promise.reject(new Error('no consent')));
  await expect(after(clock, 80, refused)).rejects.toThrow('no consent');
  const io = { clock, signal: new AbortController().signal, tell: () => {} };
  expect(await after(clock, 30, clearLeftLease(cluster.connect(), 'of-carol', io))).toBe('cleared');
  expect(leaseOf(await after(clock, 10, operatorOf(cluster, clock, 'erin').acquire())).placedBy).toEqual(placedBy);
});

test('a takeover knows a reassignment that began and ended while the operator was asked for consent', async () => {
  const clock = createSteppedClock();
  const cluster = fakeKafkaGroup(clock);
  const former = { startedAt: new Date(0).toISOString(), by: 'alice' };
  const later = { startedAt: new Date(60_000).toISOString(), by: 'bob' };
  cluster.put(JSON.stringify({ ...documentOf('alice'), placedBy: former }));
  const taking = operatorOf(cluster, clock, 'alice').acquire(async () => cluster.put(releasedText(later)));
  const lease = leaseOf(await after(clock, 80, taking));
  expect(lease.placedBy).toEqual(later);
  await after(clock, 10, lease.release());
  expect(cluster.texts()).toEqual([releasedText(later)]);
});

test('a contender gives up when its write is too slow', async () => {
  const clock = createSteppedClock();
  const cluster = fakeNameServers(clock, 2);
  const outcome = await after(clock, 60, operatorOf(cluster, clock, 'alice', () => seconds(2.5)).acquire());
  expect(outcome).toMatchObject({ kind: 'unreachable', fault: { message: expect.stringMatching(/more than 4 s/) } });
  expect(cluster.texts()).toEqual([undefined, undefined]);
});

function documentOf(owner: string) {
  const at = new Date(0).toISOString();
  return { schemaVersion: 1, id: `of-${owner}`, ...claimOf(owner), startedAt: at, heartbeatAt: at, heartbeat: 0 };
}
