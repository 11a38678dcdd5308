import { expect, test } from 'vitest';
import { AppError } from '../../../../../core/errors.ts';
import { carryOut } from '../../../../../ops/kafka/execute/carry-out.ts';
import type { ReassignFacts, ReassignJournal } from '../../../../../ops/kafka/execute/reassign-facts.ts';
import { pretendKafka, type Pretend } from '../../../../support/pretend-kafka.ts';
import { onDisk, placed, reassignJournal } from '../../../../support/reassign-journal.ts';

const lying = [
  [1, 2],
  [2, 1],
  [3, 1],
];
const wanted = [
  [1, 2],
  [4, 2],
  [3, 4],
];
const rate = 'leader.replication.throttled.rate';

function cluster(): Pretend {
  const pretend = pretendKafka(
    lying.map((replicas, partition) => ({ topic: 'orders', partition, replicas, bytes: 1000 })),
    [1, 2, 3, 4],
  );
  pretend.copySeconds = 3600;
  return pretend;
}

const begun = (more: Partial<ReassignFacts> = {}) =>
  reassignJournal({ original: placed(lying), target: placed(wanted), ...more });

interface Disk {
  state: ReassignJournal;
  /** Thrown at each write. */
  fault?: AppError;
}

async function carry(pretend: Pretend, disk: Disk, request?: 'abort', signal = new AbortController().signal) {
  const state = onDisk(disk.state);
  return carryOut({
    changes: pretend.changes,
    journal: state,
    clock: pretend.clock,
    signal,
    save: async () => {
      if (disk.fault !== undefined) throw disk.fault;
      disk.state = structuredClone(state);
    },
    check: async () => undefined,
    request: async () => request,
    tell: () => undefined,
    progress: () => undefined,
    unread: async () => [],
  });
}

const faultOf = (carrying: Promise<unknown>) =>
  carrying.then(
    () => undefined,
    (cause: AppError) => cause,
  );

const throttled = (pretend: Pretend) => [...pretend.settings].filter(([, own]) => own.has(rate)).map(([name]) => name);

/** Whether a replica was ever copied by a broker without its throttle. */
function unthrottledCopies(pretend: Pretend): () => number {
  let count = 0;
  const { alterSettings } = pretend.changes;
  pretend.changes.alterSettings = async (...words) => {
    await alterSettings(...words);
    const isSet = throttled(pretend).length > 0;
    if ([...pretend.moving.values()].some(({ adding }) => adding.length > 0) && !isSet) count += 1;
  };
  return () => count;
}

test('a fault at any request of a wave leaves no copy without a throttle, and the change can continue or roll back', async () => {
  const requests = 60;
  for (const way of [undefined, 'abort'] as const) {
    for (let failing = 1; failing <= requests; failing += 1) {
      const pretend = cluster();
      const disk: Disk = { state: begun() };
      const unthrottled = unthrottledCopies(pretend);
      let count = 0;
      pretend.onRequest = (name) => {
        count += 1;
        // A failed read of sizes is retried, so this fault is one that no retry solves.
        if (count === failing) throw new AppError('broker-refused', `${name} is refused`);
      };
      const stopping = new AbortController();
      const clock = pretend.clock.sleep;
      pretend.clock.sleep = async (...words) => {
        await clock(...words);
        if (count > requests) stopping.abort(new AppError('aborted', 'interrupted by SIGINT'));
      };
      const fault = await faultOf(carry(pretend, disk, undefined, stopping.signal));
      expect(fault?.code, `at ${failing}`).toMatch(/change-stopped|aborted/);
      expect([pretend.moving.size, throttled(pretend), unthrottled()], `at ${failing}`).toEqual([0, [], 0]);
      pretend.onRequest = () => undefined;
      pretend.copySeconds = 3;
      const { kind } = await carry(pretend, disk, way);
      expect(kind, `after ${failing}`).toBe(way === 'abort' ? 'rolled-back' : 'done');
    }
  }
}, 60_000);

test('a stopped change that only removes replicas reports how many are removed', async () => {
  const pretend = cluster();
  pretend.onRequest = (name) => {
    if (name === 'reassign') throw new AppError('broker-refused', 'CLUSTER_AUTHORIZATION_FAILED');
  };
  const fault = await faultOf(carry(pretend, { state: begun({ target: placed([[1], [2], [3]]) }) }));
  expect(fault?.message).toContain('CLUSTER_AUTHORIZATION_FAILED. 0 of 3 replicas are removed. Nothing moves.');
});

/** Makes requests to the controller fail for this many seconds from the first copy on. */
function controllerAway(pretend: Pretend, forSeconds: number): void {
  let until: number | undefined;
  const { moving } = pretend.changes;
  let looks = 0;
  pretend.changes.moving = async (...words) => {
    const now = await moving(...words);
    if (now.length > 0 && ++looks === 3) until ??= pretend.clock.monotonic() + forSeconds;
    return now;
  };
  pretend.onRequest = () => {
    if (until !== undefined && pretend.clock.monotonic() < until)
      throw new AppError('broker-unreachable', 'no controller answers on b1:9092');
  };
}

test('after a controller election, moves are cancelled before the throttle is removed', async () => {
  const pretend = cluster();
  const disk: Disk = { state: begun() };
  const unthrottled = unthrottledCopies(pretend);
  controllerAway(pretend, 12);
  expect(await faultOf(carry(pretend, disk))).toMatchObject({ code: 'change-stopped' });
  expect([pretend.moving.size, throttled(pretend), unthrottled()]).toEqual([0, [], 0]);
  expect(disk.state.borrowed).toEqual([]);
});

test.each([undefined, 'abort'] as const)(
  'moves that cannot be cancelled keep their throttle on brokers and in the journal until the next run (%s)',
  async (way) => {
    const pretend = cluster();
    const disk: Disk = { state: begun() };
    const unthrottled = unthrottledCopies(pretend);
    controllerAway(pretend, 60);
    const fault = await faultOf(carry(pretend, disk));
    expect(fault).toMatchObject({ code: 'change-stopped' });
    expect(fault?.message).toMatch(/Still set: .*leader\.replication\.throttled\.rate.* of broker 2/);
    expect([pretend.moving.size, throttled(pretend).length, unthrottled()]).toEqual([1, 3, 0]);
    expect(disk.state.borrowed.map(({ name }) => name)).toEqual(expect.arrayContaining(['2', '4', 'orders']));
    const log = disk.state.log.map(({ says }) => says);
    expect(log).toContainEqual(expect.stringMatching(/^critical: .*Their throttle stays in place/));
    pretend.onRequest = () => undefined;
    pretend.copySeconds = 3;
    expect((await carry(pretend, disk, way)).kind).toBe(way === 'abort' ? 'rolled-back' : 'done');
    expect([throttled(pretend), disk.state.borrowed, unthrottled()]).toEqual([[], [], 0]);
  },
);

test('Ctrl-C while the controller is down reports that moves continue', async () => {
  const pretend = cluster();
  const disk: Disk = { state: begun() };
  controllerAway(pretend, 60);
  const ctrlC = new AbortController();
  pretend.clock.sleep = (
    (sleep) =>
    async (...words: Parameters<typeof sleep>) => {
      await sleep(...words);
      if (pretend.moving.size > 0) ctrlC.abort(new AppError('aborted', 'interrupted by SIGINT'));
    }
  )(pretend.clock.sleep);
  const looks = pretend.changes.moving;
  pretend.changes.moving = async (...words) => {
    if (ctrlC.signal.aborted) throw new AppError('broker-unreachable', 'no controller answers on b1:9092');
    return looks(...words);
  };
  const fault = await faultOf(carry(pretend, disk, undefined, ctrlC.signal));
  expect(fault).toMatchObject({ code: 'change-stopped' });
  expect([pretend.moving.size > 0, throttled(pretend).length > 0]).toEqual([true, true]);
});

test('a full disk stops the change with moves cancelled and throttles removed, and the next run completes it', async () => {
  const pretend = cluster();
  const disk: Disk = { state: begun() };
  const unthrottled = unthrottledCopies(pretend);
  const { moving } = pretend.changes;
  pretend.changes.moving = async (...words) => {
    const now = await moving(...words);
    if (now.length > 0) disk.fault = new AppError('no-space', 'cannot write state.json: ENOSPC');
    if (now.length > 0 && disk.fault !== undefined && !pretend.alive.has(9)) {
      pretend.alive.add(9);
      throw new AppError('broker-refused', 'refused');
    }
    return now;
  };
  const fault = await faultOf(carry(pretend, disk));
  expect(fault?.message).toContain('the state on disk is not up to date: cannot write state.json: ENOSPC');
  expect([pretend.moving.size, throttled(pretend), unthrottled()]).toEqual([0, [], 0]);
  delete disk.fault;
  pretend.changes.moving = moving;
  pretend.copySeconds = 3;
  expect((await carry(pretend, disk)).kind).toBe('done');
});

test('a stop neither cancels moves of another tool nor removes its throttle', async () => {
  const pretend = cluster();
  const theirs = { [rate]: '7000000', 'follower.replication.throttled.rate': '7000000' };
  let isForeign = false;
  pretend.onRequest = () => {
    if (pretend.moving.size === 0 || isForeign) return;
    isForeign = true;
    // The order of kafka-reassign-partitions.sh --throttle.
    pretend.settings.set('broker 1', new Map(Object.entries(theirs)));
    pretend.moving.set('orders-0', { target: [1, 9], adding: [9], begun: Infinity });
  };
  const disk: Disk = { state: begun() };
  expect(await faultOf(carry(pretend, disk))).toMatchObject({ code: 'change-stopped' });
  expect([[...pretend.moving.keys()], throttled(pretend)]).toEqual([['orders-0'], ['broker 1']]);
  expect(Object.fromEntries(pretend.settings.get('broker 1') ?? [])).toEqual(theirs);
  expect(disk.state.log.map(({ says }) => says)).toContain(
    `${rate} of broker 1 was changed by others to 7000000, and is kept`,
  );
});

test('a journal without the values of a throttle has it removed, also where a new rate cannot be set', async () => {
  const pretend = cluster();
  pretend.copySeconds = 10;
  pretend.settings.set('broker 3', new Map([[rate, '9000000']]));
  pretend.moving.set('orders-2', { target: [3, 1, 4], adding: [4], begun: pretend.clock.monotonic() });
  const throttle = { kind: 'broker', name: '3', why: 'throttle', before: { [rate]: null } } as const;
  pretend.onRequest = (name) => {
    if (name === 'alterSettings' && pretend.moving.size > 0) throw new AppError('broker-unreachable', 'no answer');
  };
  const disk: Disk = { state: { ...begun(), borrowed: [throttle] } };
  expect((await carry(pretend, disk)).kind).toBe('done');
  expect([throttled(pretend), disk.state.borrowed]).toEqual([[], []]);
});
