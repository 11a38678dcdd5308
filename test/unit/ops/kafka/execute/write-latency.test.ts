import { expect, test } from 'vitest';
import { createLatencyWindow, lostAfter } from '../../../../../brokers/canary/latency-window.ts';
import { carryOut } from '../../../../../ops/kafka/execute/carry-out.ts';
import { handOversOf } from '../../../../../ops/kafka/execute/hand-overs.ts';
import { adviceOf } from '../../../../../ops/kafka/execute/latency-guard.ts';
import type { ReassignFacts, ReassignJournal } from '../../../../../ops/kafka/execute/reassign-facts.ts';
import { pretendKafka, type Pretend } from '../../../../support/pretend-kafka.ts';
import { onDisk, placed, reassignJournal } from '../../../../support/reassign-journal.ts';
import { createHandClock } from '../../../../support/hand-clock.ts';

const lying = [
  [1, 2],
  [2, 1],
  [3, 1],
  [1, 3],
];
const wanted = [
  [1, 2],
  [4, 2],
  [3, 4],
  [4, 3],
];
const rate = 'leader.replication.throttled.rate';

const begun = (more: Partial<ReassignFacts> = {}) =>
  reassignJournal({
    original: placed(lying),
    target: placed(wanted),
    movesPerBroker: 5,
    throttleBytesPerSecond: 50_000_000,
    ...more,
  });

const handOvers = { waitSeconds: 1, share: 0.005 };

function cluster(): Pretend {
  const pretend = pretendKafka(
    lying.map((replicas, partition) => ({ topic: 'orders', partition, replicas, bytes: 1000 })),
    [1, 2, 3, 4],
  );
  pretend.growth = 5000;
  return pretend;
}

async function carry(
  pretend: Pretend,
  given: ReassignJournal,
  latencies?: (window: number) => readonly number[],
  isNew = false,
) {
  const state = onDisk(given);
  const { kind } = await carryOut({
    changes: pretend.changes,
    journal: state,
    clock: pretend.clock,
    signal: new AbortController().signal,
    save: async () => void Object.assign(given, structuredClone(state)),
    check: async () => undefined,
    request: async () => undefined,
    tell: () => undefined,
    progress: () => undefined,
    unread: async () => [],
    ...(latencies && { latencies }),
    isNew,
  });
  return { kind, log: state.log.map(({ says }) => says) };
}

/** Times of hand-overs, each with its number of partitions. */
function watched(pretend: Pretend): () => { at: number; partitions: number }[] {
  const found: { at: number; partitions: number }[] = [];
  let moving = 0;
  let leaders = pretend.leaders().join();
  pretend.onRequest = () => {
    const ended = moving - pretend.moving.size;
    if (ended > 0) found.push({ at: pretend.clock.monotonic(), partitions: ended });
    moving = pretend.moving.size;
    if (pretend.leaders().join() !== leaders && ended <= 0)
      found.push({ at: pretend.clock.monotonic(), partitions: 1 });
    leaders = pretend.leaders().join();
  };
  return () => found;
}

test('spaces hand-overs, including leader elections, so that few writes wait', async () => {
  const pretend = cluster();
  const found = watched(pretend);
  const begin = pretend.clock.monotonic();
  expect((await carry(pretend, begun({ handOvers }))).kind).toBe('done');
  expect(pretend.replicasOf()).toEqual(wanted);
  expect(pretend.leaders()).toEqual(wanted.map(([leader]) => leader));
  // One partition of four at a time, each a quarter of the writes for 1 s: 50 s apart at 0.5%.
  expect(found().every(({ partitions }) => partitions === 1)).toBe(true);
  const gaps = found().flatMap(({ at }, index, all) => (index === 0 ? [] : at - (all[index - 1]?.at ?? 0)));
  expect(Math.min(...gaps)).toBeGreaterThanOrEqual(48);
  expect(pretend.clock.monotonic() - begin).toBeLessThan(400);
});

test('spaces hand-overs that only remove replicas, and ignores a new order of replicas', async () => {
  const three = [
    [1, 2, 3],
    [2, 3, 1],
    [3, 1, 2],
    [1, 3],
  ];
  const two = [
    [1, 2],
    [3, 1],
    [3, 1],
    [3, 1],
  ];
  const pretend = pretendKafka(
    three.map((replicas, partition) => ({ topic: 'orders', partition, replicas, bytes: 1000 })),
    [1, 2, 3],
  );
  pretend.growth = 5000;
  const requests: { at: number; partitions: (number | undefined)[] }[] = [];
  const { reassign } = pretend.changes;
  pretend.changes.reassign = (wanted, io) => {
    requests.push({ at: pretend.clock.monotonic(), partitions: wanted.map(({ partition }) => partition) });
    return reassign(wanted, io);
  };
  const { kind } = await carry(pretend, begun({ original: placed(three), target: placed(two), handOvers }));
  expect([kind, pretend.replicasOf()]).toEqual(['done', two]);
  // Each of the four has a quarter of the writes: 50 s apart at 0.5%.
  expect(requests.map(({ partitions }) => partitions)).toEqual([[3, 0], [1], [2]]);
  const gaps = requests.flatMap(({ at }, index) => (index === 0 ? [] : at - (requests[index - 1]?.at ?? 0)));
  expect(Math.min(...gaps)).toBeGreaterThanOrEqual(48);
});

test('does not space hand-overs without a limit or without writes', async () => {
  for (const given of [begun(), begun({ handOvers })]) {
    const pretend = cluster();
    if (given.facts.handOvers !== undefined) pretend.growth = 0;
    const begin = pretend.clock.monotonic();
    expect((await carry(pretend, given)).kind).toBe('done');
    expect(pretend.clock.monotonic() - begin).toBeLessThan(40);
  }
});

test('hands over as many partitions at a time as fit into the share of a minute', () => {
  const clock = createHandClock(1_000_000);
  const turns = handOversOf({ journal: begun({ handOvers }), clock });
  const all = Array.from({ length: 1024 }, (_, partition) => ({ topic: 'orders', partition }));
  turns.learn(new Map(all.map(({ partition }) => [`orders-${partition}`, 10])));
  const first = turns.first(all);
  expect(first).toHaveLength(307);
  turns.ended(first);
  expect(turns.due()).toBeCloseTo((307 / 1024) * 200, 6);
});

test.each([
  [undefined, 0.5, 'continue'],
  [0.02, undefined, 'continue'],
  [0.02, 0.045, 'continue'],
  [0.04, 0.07, 'continue'],
  [0.04, 0.1, 'slow-down'],
  [0.04, 0.13, 'pause'],
] as const)('p99 of %s s before and %s s now: %s', (before, now, advice) => {
  expect(adviceOf(before, now)).toBe(advice);
});

test('slow writes halve the throttle and delay the next move until writes are fast again', async () => {
  const pretend = cluster();
  pretend.copySeconds = 60;
  let slowUntil = Infinity;
  const latencies = () => {
    const { moving, clock } = pretend;
    if (moving.size > 0 && slowUntil === Infinity) slowUntil = clock.monotonic() + 200;
    const isSlow = slowUntil !== Infinity && clock.monotonic() < slowUntil;
    return Array.from({ length: 100 }, () => (isSlow ? 0.4 : 0.03));
  };
  const rates: string[] = [];
  let begunWhileSlow = 0;
  pretend.onRequest = (name) => {
    const set = pretend.settings.get('broker 4')?.get(rate);
    if (set !== undefined && set !== rates.at(-1)) rates.push(set);
    if (name === 'reassign' && slowUntil !== Infinity && pretend.clock.monotonic() < slowUntil) begunWhileSlow += 1;
  };
  const { kind, log } = await carry(pretend, begun({ movesPerBroker: 1 }), latencies);
  expect(kind).toBe('done');
  expect(begunWhileSlow).toBe(0);
  expect(rates.slice(0, 4)).toEqual(['50000000', '25000000', '12500000', '6250000']);
  expect(log).toContainEqual(expect.stringMatching(/^the p99 of writes is 30 ms before the change/));
  expect(log).toContainEqual(expect.stringMatching(/^no other move starts for now: the p99 of writes is 400 ms/));
});

test('a process that resumes a wave after a kill lowers the throttle while writes are slow', async () => {
  const pretend = cluster();
  pretend.copySeconds = 60;
  const journal = begun({ movesPerBroker: 1, p99BeforeSeconds: 0.03 });
  pretend.onRequest = () => {
    if (pretend.moving.size > 0) throw new Error('killed');
  };
  await expect(carry(pretend, journal)).rejects.toThrow('killed');
  expect(pretend.moving.size).toBe(1);
  const rates: string[] = [];
  pretend.onRequest = () => {
    const set = pretend.settings.get('broker 4')?.get(rate) ?? 'none';
    if (set !== rates.at(-1)) rates.push(set);
  };
  const slowInWaves = () => Array.from({ length: 100 }, () => (pretend.moving.size > 0 ? 0.4 : 0.03));
  expect((await carry(pretend, journal, slowInWaves)).kind).toBe('done');
  expect(rates.slice(0, 4)).toEqual(['50000000', '25000000', '12500000', '6250000']);
});

test('a canary with too few acknowledged writes does not hold a resumed change', async () => {
  const { kind, log } = await carry(cluster(), begun(), () => [0.03]);
  expect([kind, log.filter((says) => says.includes('p99'))]).toEqual(['done', []]);
});

test('a longer window tolerates one refused write among the first 75', async () => {
  const latencies = (window: number) => [...Array.from({ length: 5 * window - 1 }, () => 0.03), lostAfter];
  const { log } = await carry(cluster(), begun(), latencies);
  expect(log).toContainEqual(expect.stringMatching(/^the p99 of writes is 30 ms before the change/));
});

test('refuses a new change before its first wave if all writes of its canary are refused, as with a mistyped topic', async () => {
  const { record, recent } = createLatencyWindow(createHandClock());
  for (let write = 0; write < 100; write++) record.failed('1', 'produce', 'TOPIC_AUTHORIZATION_FAILED');
  const [pretend, journal] = [cluster(), begun()];
  const hint = expect.stringContaining('the topic of --canary') as string;
  await expect(carry(pretend, journal, recent, true)).rejects.toMatchObject({ code: 'change-refused', hint });
  expect([pretend.replicasOf(), journal.status]).toEqual([lying, 'rolled-back']);
  expect(journal.log.filter(({ says }) => says.includes('p99'))).toEqual([]);
});
