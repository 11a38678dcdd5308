import { expect, test } from 'vitest';
import { AppError } from '../../../../../core/errors.ts';
import {
  begun,
  carry,
  cluster,
  cutting,
  given,
  lying,
  rate,
  retained,
  wanted,
  withRetention,
} from '../../../../support/carried-reassignment.ts';
import { pretendKafka } from '../../../../support/pretend-kafka.ts';
import { placed, reassignJournal } from '../../../../support/reassign-journal.ts';

test('places replicas as planned, elects preferred leaders, and restores settings', async () => {
  const pretend = cluster();
  pretend.settings.set('broker 1', new Map([[rate, '777']]));
  const { outcome } = await carry(pretend, { state: begun() });
  expect(outcome).toMatchObject({ kind: 'done' });
  expect(pretend.replicasOf()).toEqual(wanted);
  expect(pretend.leaders()).toEqual([1, 4, 3, 4]);
  expect(given(pretend)).toEqual([`broker 1 ${rate}=777`]);
});

test('counts replicas that are only removed as progress', async () => {
  const three = [
    [1, 2, 3],
    [2, 3, 1],
  ];
  const pretend = pretendKafka(
    three.map((replicas, partition) => ({ topic: 'orders', partition, replicas, bytes: 1000 })),
    [1, 2, 3],
  );
  const state = reassignJournal({ original: placed(three), target: placed([[1], [2]]) });
  const { shown } = await carry(pretend, { state });
  const removed = shown.flatMap((each) => ('removed' in each ? [each.removed] : []));
  expect([removed[0], removed.at(-1)]).toEqual([
    { done: 0, all: 4 },
    { done: 4, all: 4 },
  ]);
});

test('the total number of replicas stays the same while hand-overs wait', async () => {
  const pretend = cluster();
  pretend.growth = 5000;
  const { shown } = await carry(pretend, { state: begun({ handOvers: { waitSeconds: 1, share: 0.005 } }) });
  expect(shown.some(({ held }) => held !== undefined)).toBe(true);
  const counts = shown.flatMap((each) => ('replicas' in each ? [each.replicas.all] : []));
  expect([...new Set(counts)]).toEqual([3]);
});

test('raises the throttle to the incoming write rate', async () => {
  const pretend = cluster();
  const { said } = await carry(pretend, { state: begun({ throttleBytesPerSecond: 10 }) });
  expect(said).toContain(
    'replicas would not catch up at that rate, so the throttle is raised to the lowest rate at which they do',
  );
  expect(said.some((line) => line.includes('throttle 1.05 MB/s'))).toBe(true);
});

test('writes to partitions that do not move do not raise the throttle', async () => {
  const pretend = cluster();
  pretend.growth = 3_000_000;
  const { said } = await carry(pretend, { state: begun({ throttleBytesPerSecond: 5_000_000 }) });
  const rates = said.flatMap((line) => / throttle (?:is )?(\S+ \S+\/s)\b/.exec(line)?.[1] ?? []);
  expect([...new Set(rates)]).toEqual(['5 MB/s']);
});

test('the throttle follows writes that grow during a wave', async () => {
  const pretend = cluster(20e9);
  pretend.pace = { copied: 50e6, written: 10e6 };
  let requests = 0;
  pretend.onRequest = () => {
    requests += 1;
    if (requests === 60) pretend.pace = { copied: 50e6, written: 20e6 };
  };
  const { said } = await carry(pretend, { state: begun({ throttleBytesPerSecond: 10 }) });
  expect(said).toContain('the throttle is 50 MB/s now, the lowest rate that catches up with incoming data');
});

test('a process that dies at any request leaves a state that the next one can complete or roll back', async () => {
  const whole = cluster();
  let requests = 0;
  whole.onRequest = () => (requests += 1);
  await carry(whole, { state: begun() });
  for (const way of ['forward', 'back'] as const) {
    for (let last = 1; last <= requests; last += 1) {
      const pretend = cluster();
      pretend.settings.set('broker 1', new Map([[rate, '777']]));
      const disk = { state: begun() };
      let count = 0;
      pretend.onRequest = () => {
        count += 1;
        if (count >= last) throw new Error('killed');
      };
      await expect(carry(pretend, disk)).rejects.toThrow('killed');
      pretend.onRequest = () => undefined;
      disk.state.direction = way;
      const { outcome } = await carry(pretend, disk);
      expect(outcome.kind, `${way} after ${last}`).toBe(way === 'back' ? 'rolled-back' : 'done');
      expect(pretend.replicasOf(), `${way} after ${last}`).toEqual(way === 'back' ? lying : wanted);
      expect(given(pretend), `${way} after ${last}`).toEqual([`broker 1 ${rate}=777`]);
    }
  }
}, 60_000);

test('a permission error midway stops the change, removes throttles, and states the progress', async () => {
  const pretend = cluster();
  const disk = { state: begun() };
  let moves = 0;
  pretend.onRequest = (name) => {
    if (name !== 'reassign') return;
    moves += 1;
    if (moves === 2)
      throw new AppError(
        'broker-refused',
        'cannot change the replicas of partitions on b1:9092: CLUSTER_AUTHORIZATION_FAILED',
      );
  };
  const fault = await carry(pretend, disk).then(
    () => undefined,
    (cause: AppError) => cause,
  );
  expect(fault).toMatchObject({ code: 'change-stopped' });
  expect(fault?.message).toMatch(
    /CLUSTER_AUTHORIZATION_FAILED\. 1 of 3 replicas are where they should be\. Nothing moves\./,
  );
  expect(given(pretend)).toEqual([]);
  pretend.onRequest = () => undefined;
  expect((await carry(pretend, disk)).outcome.kind).toBe('done');
});

/** One partition leaves broker 3, which has too little room for the other one until Kafka has deleted it, a minute later. */
function nearlyFull(original: number[][], target: number[][], bytes: readonly number[], usable: number) {
  const pretend = pretendKafka(
    original.map((replicas, partition) => ({ topic: 'orders', partition, replicas, bytes: bytes[partition] ?? 0 })),
    [1, 2, 3],
  );
  const leaving = original.findIndex((replicas) => replicas.includes(3));
  const { sizes, reassign } = pretend.changes;
  const full = { deletes: true, usable, started: [] as string[] };
  let leftAt: number | undefined;
  pretend.changes.sizes = async (io) => {
    const now = pretend.clock.monotonic();
    if (pretend.replicasOf()[leaving]?.includes(3) === false) leftAt ??= now;
    const isDeleted = full.deletes && leftAt !== undefined && now >= leftAt + 60;
    full.usable = usable + (isDeleted ? (bytes[leaving] ?? 0) : 0);
    const directories = [{ usableBytes: full.usable, partitions: 0 }];
    return (await sizes(io)).map((each) =>
      each.disk.broker === 3 ? { ...each, disk: { broker: 3, directories } } : each,
    );
  };
  pretend.changes.reassign = async (moves, io) => {
    full.started.push(...moves.map(({ partition }) => `${partition} with ${full.usable}`));
    return reassign(moves, io);
  };
  return { pretend, full, disk: { state: begun({ original: placed(original), target: placed(target) }) } };
}
const exchanged: Parameters<typeof nearlyFull> = [
  [
    [3, 2],
    [1, 2],
  ],
  [
    [1, 2],
    [3, 2],
  ],
  [1000, 1000],
  600,
];
const largestFirst: Parameters<typeof nearlyFull> = [
  [
    [1, 2],
    [1, 3],
  ],
  [
    [1, 3],
    [1, 2],
  ],
  [2000, 1000],
  1200,
];

test.each<[string, Parameters<typeof nearlyFull>, string[]]>([
  ['the same wave', exchanged, ['0 with 600', '1 with 1600']],
  ['a later wave', largestFirst, ['1 with 1200', '0 with 2200']],
])('a replica waits until its broker has deleted a replica that leaves in %s', async (_, setup, started) => {
  const { pretend, full, disk } = nearlyFull(...setup);
  const { outcome, shown } = await carry(pretend, disk);
  expect([outcome.kind, full.started]).toEqual(['done', started]);
  expect(shown).toContainEqual({ held: 'no room for the next replicas in a log directory of broker 3' });
});

test('a replica without disk space stops the change after 15 minutes, and the next run completes it', async () => {
  const { pretend, full, disk } = nearlyFull(...exchanged);
  full.deletes = false;
  await expect(carry(pretend, disk)).rejects.toThrow(
    /no room for the next replicas in a log directory of broker 3 \(after 9\d\d s/,
  );
  expect(full.started).toEqual(['0 with 600']);
  full.deletes = true;
  expect((await carry(pretend, disk)).outcome.kind).toBe('done');
});

test('a pause ends between two waves, without throttles', async () => {
  const pretend = cluster();
  const disk = { state: begun() };
  const { outcome } = await carry(pretend, disk, () =>
    pretend.moving.size > 0 ? 'pause' : pretend.replicasOf()[1]?.[0] === 4 ? 'pause' : undefined,
  );
  expect(outcome.kind).toBe('paused');
  expect([pretend.moving.size, given(pretend)]).toEqual([0, []]);
  expect(pretend.replicasOf()).not.toEqual(wanted);
  expect((await carry(pretend, disk)).outcome.kind).toBe('done');
});

test('never touches a move that somebody else began', async () => {
  const pretend = cluster();
  pretend.moving.set('orders-0', { target: [1, 9], adding: [9], begun: Infinity });
  const fault = await carry(pretend, { state: begun() }).then(
    () => undefined,
    (cause: AppError) => cause,
  );
  expect(fault?.message).toContain('orders-0 moves, which this change did not start');
  expect(pretend.moving.get('orders-0')?.target).toEqual([1, 9]);
});

test('a copy that needs longer than the stuck time to catch up with new writes succeeds', async () => {
  const pretend = cluster(200e9);
  pretend.pace = { copied: 50e6, written: 10e6 };
  const { outcome, said } = await carry(pretend, { state: begun({ throttleBytesPerSecond: 50e6 }) });
  expect(outcome.kind).toBe('done');
  expect(said.filter((line) => line.includes('nothing was copied'))).toEqual([]);
});

test('reports a stalled copy first and cancels it later', async () => {
  const pretend = cluster(200e9);
  pretend.pace = { copied: 0, written: 10e6 };
  const disk = { state: begun() };
  await expect(carry(pretend, disk)).rejects.toThrow('nothing was copied for 900 s');
  const [reported, cancelled] = ['in the last 300 s: check', 'for 900 s; moves cancelled: 1'].map((words) =>
    disk.state.log.findIndex(({ says }) => says.includes(words)),
  );
  expect(reported).toBeGreaterThan(-1);
  expect(cancelled).toBeGreaterThan(reported ?? 0);
  expect([pretend.moving.size, given(pretend)]).toEqual([0, []]);
});

test('does not blame a stalled copy on a dead broker that the replica leaves', async () => {
  const pretend = cluster(200e9);
  pretend.pace = { copied: 0, written: 10e6 };
  pretend.onRequest = () => {
    if (pretend.moving.has('orders-1')) pretend.alive.delete(1);
  };
  const disk = { state: begun() };
  await expect(carry(pretend, disk)).rejects.toThrow();
  expect(disk.state.log.map(({ says }) => says)).toContainEqual(
    expect.stringMatching(/was copied in the last 300 s: check leaders, disks and throttles/),
  );
});

test('a move that waits for a replica on a dead broker names that broker', async () => {
  const pretend = cluster();
  pretend.onRequest = () => {
    if (pretend.moving.has('orders-1')) pretend.alive.delete(2);
  };
  const disk = { state: begun() };
  await expect(carry(pretend, disk)).rejects.toThrow('nothing was copied for 900 s');
  expect(disk.state.log.map(({ says }) => says)).toContainEqual(
    expect.stringMatching(/no data of orders-1 was copied in the last 300 s: start broker 2, /),
  );
  expect(pretend.moving.size).toBe(0);
});

test('a change whose retention cannot be restored at the end is not done, and --resume restores it', async () => {
  const pretend = withRetention();
  const disk = { state: cutting() };
  pretend.onRequest = (name) => {
    const isLast = pretend.replicasOf().join() === wanted.join();
    if (name === 'alterSettings' && isLast)
      throw new AppError('broker-unreachable', 'the controller is away on b1:9092: NOT_CONTROLLER');
  };
  const fault = await carry(pretend, disk).then(
    () => undefined,
    (cause: AppError) => cause,
  );
  expect(fault).toMatchObject({ code: 'change-stopped' });
  expect(fault?.message).toContain('retention.ms of topic orders');
  expect(disk.state.status).toBe('running');
  expect(given(pretend)).toContain('topic orders retention.ms=3600000');
  pretend.onRequest = () => undefined;
  expect((await carry(pretend, disk)).outcome.kind).toBe('done');
  expect(given(pretend)).toEqual([retained]);
});

test('keeps and logs a retention that its owner changed while it was shortened', async () => {
  const pretend = withRetention();
  const disk = { state: cutting() };
  pretend.onRequest = () => {
    if (pretend.moving.size > 0) pretend.settings.get('topic orders')?.set('retention.ms', '1209600000');
  };
  const { outcome, said } = await carry(pretend, disk);
  expect(outcome.kind).toBe('done');
  expect(given(pretend)).toEqual(['topic orders retention.ms=1209600000']);
  const kept = 'retention.ms of topic orders was changed by others to 1209600000, and is kept';
  expect(said).toContain(kept);
  expect(disk.state.log.map(({ says }) => says)).toContain(kept);
  expect(disk.state.borrowed).toEqual([]);
});

test('restores the retention from a journal of a former release, which lacks the values that were set', async () => {
  const pretend = withRetention();
  pretend.settings.set('topic orders', new Map([['retention.ms', '3600000']]));
  const before = { 'retention.ms': '604800000' };
  const borrowed = [{ kind: 'topic' as const, name: 'orders', why: 'retention' as const, before }];
  const { outcome } = await carry(pretend, { state: { ...begun(), borrowed } });
  expect([outcome.kind, given(pretend)]).toEqual(['done', [retained]]);
});

test('reads settings back and notices a request that was acknowledged without effect', async () => {
  const pretend = withRetention();
  const disk = { state: cutting() };
  const alter = pretend.changes.alterSettings;
  pretend.changes.alterSettings = (of, changes, io) =>
    changes['retention.ms'] === '604800000' ? Promise.resolve() : alter(of, changes, io);
  await expect(carry(pretend, disk)).rejects.toThrow('retention.ms of topic orders still is 3600000');
  pretend.changes.alterSettings = alter;
  expect((await carry(pretend, disk, () => 'abort')).outcome.kind).toBe('rolled-back');
  expect([given(pretend), pretend.replicasOf()]).toEqual([[retained], lying]);
});

test('Ctrl-C at any request leaves no moves and no borrowed settings, and the change can continue', async () => {
  const whole = withRetention();
  let requests = 0;
  whole.onRequest = () => (requests += 1);
  await carry(whole, { state: cutting() });
  for (let last = 1; last <= requests; last += 1) {
    const pretend = withRetention();
    const disk = { state: cutting() };
    const ctrlC = new AbortController();
    let count = 0;
    pretend.onRequest = () => {
      count += 1;
      if (count === last) ctrlC.abort(new AppError('aborted', 'interrupted by SIGINT'));
    };
    const ended = await carry(pretend, disk, () => undefined, ctrlC.signal).then(
      ({ outcome }) => outcome.kind,
      (cause: AppError) => cause.code,
    );
    // The last requests of a change only read.
    expect(['aborted', 'done'], `at ${last}`).toContain(ended);
    expect([pretend.moving.size, given(pretend)], `at ${last}`).toEqual([0, [retained]]);
    if (ended === 'aborted') expect((await carry(pretend, disk)).outcome.kind, `after ${last}`).toBe('done');
  }
}, 60_000);

test('Ctrl-C does not cancel moves that somebody else began', async () => {
  const pretend = cluster();
  const ctrlC = new AbortController();
  let isForeign = false;
  pretend.onRequest = () => {
    if (pretend.moving.size === 0 || isForeign) return;
    isForeign = true;
    pretend.moving.set('orders-0', { target: [1, 9], adding: [9], begun: Infinity });
    ctrlC.abort(new AppError('aborted', 'interrupted by SIGINT'));
  };
  await expect(carry(pretend, { state: begun() }, () => undefined, ctrlC.signal)).rejects.toThrow('interrupted');
  expect([...pretend.moving.keys()]).toEqual(['orders-0']);
});
