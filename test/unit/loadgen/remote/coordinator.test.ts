import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, expect, test } from 'vitest';
import { systemClock, type Clock } from '../../../../core/clock.ts';
import { sendingOf } from '../../../support/sending.ts';
import type { JournalLine } from '../../../../core/documents/run-bundle.ts';
import { openCoordinator, type Coordinator } from '../../../../loadgen/remote/coordinator.ts';
import { issuePasses, type Pass } from '../../../../loadgen/remote/pass.ts';
import { awaitCoordinator, serveCoordinator } from '../../../../loadgen/remote/serve-coordinator.ts';
import { chooseOrigin } from '../../../../loadgen/execute/run-clock.ts';
import type { Assignment, ToThread } from '../../../../loadgen/execute/workers/thread-messages.ts';
import type { Lease } from '../../../../loadgen/execute/workers/lease.ts';
import type { StartThread } from '../../../../loadgen/execute/workers/traffic-thread.ts';

const assignment: Assignment = {
  role: 'producer',
  cluster: 'lab',
  broker: 'kafka',
  config: { broker: 'kafka', bootstrap: ['b:9092'] },
  worker: 4,
  workers: 5,
  slots: [4, 9],
  slotCount: 64,
  attempt: 1,
  topics: ['orders'],
  partitions: 3,
  sending: sendingOf({ compression: 'lz4' }),
  transactionalId: 'tx-4',
  messages: {
    seed: 1,
    sizes: { kind: 'fixed', bytes: 100 },
    keys: { kind: 'none' },
    filler: { kind: 'random' },
  },
  mark: 7,
  mostUnanswered: 5,
  answerSeconds: 30,
};
const produced: JournalLine = { kind: 'error', elapsedSeconds: 1, code: 'x', message: 'y', count: 1 };
const io = () => ({ signal: AbortSignal.timeout(5000) });

let opened = new AsyncDisposableStack();
afterEach(async () => {
  await opened.disposeAsync();
  opened = new AsyncDisposableStack();
});

/** A thread that responds at once and records its messages. */
function fakeThreads() {
  const told: ToThread[] = [];
  let ended = 0;
  const startThread: StartThread = (_, listener) => {
    const done = Promise.withResolvers<void>();
    listener.onLines([produced]);
    listener.onDriven(7);
    return {
      ready: Promise.resolve(),
      done: done.promise,
      tell(message) {
        told.push(message);
        if (message.kind === 'stop') done.resolve();
      },
      async [Symbol.asyncDispose]() {
        ended += 1;
      },
    };
  };
  return { startThread, told, ended: () => ended };
}

async function open({ version = '1.0.0', mostSecondsOff = 60, issuedAt = new Date(), port = 0 } = {}) {
  const { admission, passes } = issuePasses(['a', 'b'], issuedAt);
  const refusals: string[] = [];
  const listen = { host: '127.0.0.1', port };
  const coordinator = opened.use(
    await openCoordinator({
      listen,
      admission,
      version,
      mostSecondsOff,
      clock: systemClock,
      onRefused: (words) => refusals.push(words),
    }),
  );
  const passOf = (name: string): Pass => {
    const pass = passes.get(name);
    if (pass === undefined) throw new Error(name);
    return { ...pass, connect: { host: '127.0.0.1', port: coordinator.port } };
  };
  return { coordinator, passOf, refusals };
}

function serve(pass: Pass, startThread: StartThread = fakeThreads().startThread, clock = systemClock) {
  const stopping = new AbortController();
  opened.defer(() => stopping.abort(new Error('the test is over')));
  const served = serveCoordinator(pass, { version: '1.0.0', clock, startThread }, stopping);
  served.catch(() => {});
  return served;
}

const joined = async (coordinator: Coordinator, name: string) => {
  const [worker] = await coordinator.workers([name], io());
  if (worker === undefined) throw new Error('nobody came');
  return worker;
};

test('runs a remote thread like a local one', async () => {
  const { coordinator, passOf } = await open();
  const { startThread, told, ended } = fakeThreads();
  const served = serve(passOf('a'), startThread);
  const worker = await joined(coordinator, 'a');
  const lines: JournalLine[] = [];
  let driven = 0;
  const thread = worker.startThread(assignment, {
    onLines: (more) => lines.push(...more),
    onDriven: (until) => (driven = until),
  });
  await thread.ready;
  const origin = chooseOrigin(0);
  thread.tell({ kind: 'start', origin });
  thread.tell({ kind: 'stop' });
  await thread.done;
  await coordinator[Symbol.asyncDispose]();
  await served;
  expect(lines).toContainEqual(produced);
  expect(driven).toBe(7);
  expect(told.map(({ kind }) => kind)).toEqual(['start', 'stop']);
  expect(ended()).toBe(1);
  // Both are on one machine: the origin differs by the resolution of the clock.
  const [start] = told;
  const moved = start?.kind === 'start' ? Number(start.origin.nanoseconds - origin.nanoseconds) / 1e9 : Infinity;
  const clockLine = lines.find((line) => line.kind === 'clock-offset');
  expect(clockLine).toMatchObject({ worker: 'producer-4' });
  expect(Math.abs(moved)).toBeLessThanOrEqual(clockLine?.kind === 'clock-offset' ? clockLine.errorSeconds + 1e-6 : 0);
});

test('refuses a worker of another version and names both versions', async () => {
  const { coordinator, passOf } = await open({ version: '2.0.0' });
  const expected = /worker a is Plimsoll 1\.0\.0 .* and here is 2\.0\.0/;
  await expect(serve(passOf('a'))).rejects.toThrow(expected);
  await expect(coordinator.workers(['a'], io())).rejects.toThrow(expected);
});

test('accepts each token once', async () => {
  const { coordinator, passOf, refusals } = await open();
  void serve(passOf('a'));
  await joined(coordinator, 'a');
  await expect(serve(passOf('a'))).rejects.toMatchObject({
    message: expect.stringContaining('the token of worker a was used already') as string,
    hint: expect.stringContaining('`plimsoll worker manifests` creates new ones') as string,
  });
  expect(refusals).toHaveLength(1);
});

test('refuses a token that was created for another worker', async () => {
  const { passOf } = await open();
  await expect(serve({ ...passOf('a'), token: passOf('b').token })).rejects.toThrow('has no token of this run');
  await expect(serve({ ...passOf('a'), worker: 'b' })).rejects.toThrow('did not identify itself as a');
});

test('neither side accepts a peer of another run', async () => {
  const { passOf, refusals } = await open();
  const { passOf: ofOther } = await open();
  const [here, other] = [passOf('a'), ofOther('a')];
  await expect(serve({ ...other, connect: here.connect })).rejects.toMatchObject({ code: 'coordinator-unreachable' });
  await expect(serve({ ...other, authority: here.authority, connect: here.connect })).rejects.toMatchObject({
    code: 'coordinator-lost',
  });
  await expect.poll(() => refusals.length).toBeGreaterThan(0);
});

test('refuses a clock that is minutes off and names both times, unless it is accepted', async () => {
  const behind = { ...systemClock, now: () => new Date(Date.now() - 300_000) };
  const { coordinator, passOf } = await open();
  const served = serve(passOf('a'), undefined, behind);
  await expect(coordinator.workers(['a'], io())).rejects.toThrow(
    /the clock of worker a says 20.*Z, and here it is 20.*Z/,
  );
  await expect(served).rejects.toMatchObject({ code: 'clock-off' });
  const lenient = await open({ mostSecondsOff: Infinity });
  void serve(lenient.passOf('a'), undefined, behind);
  const lines: JournalLine[] = [];
  const worker = await joined(lenient.coordinator, 'a');
  const thread = worker.startThread(assignment, { onLines: (more) => lines.push(...more), onDriven: () => {} });
  thread.tell({ kind: 'start', origin: chooseOrigin(0) });
  expect(lines).toMatchObject([{ kind: 'clock-offset', offsetSeconds: expect.closeTo(-300, 0) as number }]);
});

test('an expired pass is reported with its lifetime and the command that creates new passes', async () => {
  const { passOf } = await open({ issuedAt: new Date(Date.now() - 61 * 86_400_000) });
  await expect(serve(passOf('a'))).rejects.toMatchObject({
    code: 'clock-off',
    hint: expect.stringContaining('the pass has expired (60 days): `plimsoll worker manifests`') as string,
  });
});

test('a worker started before the run waits for it', async () => {
  const { coordinator, passOf } = await open();
  const pass = passOf('a');
  pass.connect.port = 1;
  const waiting: string[] = [];
  const clock: Clock = {
    ...systemClock,
    async sleep(...wait) {
      if (pass.connect.port !== 1) await systemClock.sleep(...wait);
      // The run starts in the meantime.
      pass.connect.port = coordinator.port;
    },
  };
  const { startThread } = fakeThreads();
  const stopping = new AbortController();
  opened.defer(() => stopping.abort(new Error('the test is over')));
  const tools = { version: '1.0.0', clock, startThread, onWaiting: (message: string) => void waiting.push(message) };
  const served = awaitCoordinator(pass, { ...tools, waitSeconds: 60 }, stopping);
  served.catch(() => {});
  await joined(coordinator, 'a');
  expect(waiting).toEqual([expect.stringMatching(/^waiting at most 60 s for the coordinator: /)]);
  const nobody = { ...passOf('b'), connect: { host: '127.0.0.1', port: 1 } };
  await expect(awaitCoordinator(nobody, { ...tools, waitSeconds: 0 }, stopping)).rejects.toThrow(/127\.0\.0\.1:1/);
});

test('a lost worker is reported, and a worker stops its threads when the coordinator is lost', async () => {
  const { coordinator, passOf } = await open();
  const { startThread, ended } = fakeThreads();
  const stopping = new AbortController();
  const served = serveCoordinator(passOf('a'), { version: '1.0.0', clock: systemClock, startThread }, stopping);
  const worker = await joined(coordinator, 'a');
  const thread = worker.startThread(assignment, { onLines: () => {}, onDriven: () => {} });
  await thread.ready;
  stopping.abort(new Error('killed'));
  await expect(served).rejects.toThrow('killed');
  expect(ended()).toBe(1);
  const lost = expect.stringContaining('worker a is lost') as string;
  await expect(thread.done).rejects.toMatchObject({ code: 'worker-absent', message: lost });
});

test('silence of the coordinator counts as its end', async () => {
  // Its clock runs twenty times as fast, so it waits less.
  const hasty = {
    ...systemClock,
    monotonic: () => (20 * systemClock.monotonic()) as ReturnType<typeof systemClock.monotonic>,
    sleep: () => delay(10),
  };
  const { passOf } = await open();
  await expect(serve(passOf('a'), undefined, hasty)).rejects.toThrow(/no data for 3\.5 s/);
});

test('a worker whose threads have stopped sending after a silence ends, even if the next frame is read first', async () => {
  const { coordinator, passOf } = await open();
  let given: Lease | undefined;
  const served = serve(passOf('a'), (assigned, listener, lease) => {
    given = lease;
    return fakeThreads().startThread(assigned, listener);
  });
  const worker = await joined(coordinator, 'a');
  await worker.startThread(assignment, { onLines: () => {}, onDriven: () => {} }).ready;
  if (given !== undefined) given[0] = process.hrtime.bigint() - 4_000_000_000n;
  await expect(served).rejects.toThrow(/no data from the coordinator for 3\.5 s/);
});

test('a port that no machine has is a fault of the configuration', async () => {
  await expect(open({ port: 65_536 })).rejects.toMatchObject({
    code: 'port-in-use',
    message: expect.stringMatching(/^cannot listen for workers on 127\.0\.0\.1:65536: .*port/),
  });
});
