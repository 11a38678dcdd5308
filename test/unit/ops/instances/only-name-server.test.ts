// Checks that a change that restarts the only name server, which also has the lease, keeps the lease, and stops if another
// process took it over.

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { seconds } from '../../../../core/clock.ts';
import type { HostFiles } from '../../../../hosts/host-files.ts';
import { DesiredInstance } from '../../../../core/documents/instances.ts';
import { AppError } from '../../../../core/errors.ts';
import { acquireLease, type Acquisition, observeLease } from '../../../../ops/change/acquire-lease.ts';
import { carryOut } from '../../../../ops/change/carry-out.ts';
import type { HeldLease } from '../../../../ops/change/hold-lease.ts';
import { newJournal } from '../../../../ops/change/journal.ts';
import type { InstanceFacts } from '../../../../ops/instances/facts.ts';
import { instanceChanges } from '../../../../ops/instances/instance-changes.ts';
import { fakeNameServers } from '../../../support/fake-lease-stores.ts';
import { instanceToolsWith, thisHost } from '../../../support/instance-tools.ts';
import { createSteppedClock, type SteppedClock } from '../../../support/stepped-clock.ts';

const signal = new AbortController().signal;
const folder = mkdtempSync(join(tmpdir(), 'plimsoll-name-server-'));
afterAll(() => rmSync(folder, { recursive: true }));
for (const [pid, path] of [['77', join(folder, 'running')] as const, ['', join(folder, 'stopped')] as const]) {
  mkdirSync(join(path, pid), { recursive: true });
  writeFileSync(join(path, 'stat'), 'btime 1790000000\n');
  if (pid === '') continue;
  writeFileSync(join(path, pid, 'stat'), `77 (java) S 1 77 77 0 -1 0 ${'0 '.repeat(12)}100 ${'0 '.repeat(30)}\n`);
  writeFileSync(join(path, pid, 'cmdline'), 'java\0-Xmx1g\0org.apache.rocketmq.namesrv.NamesrvStartup\0');
}

function claimant(clock: SteppedClock, owner: string) {
  const io = { clock, signal, tell: () => undefined };
  const claim = { owner, host: `${owner}-laptop`, change: 'instances-restart', subject: 'ns-1' };
  return { io, claim };
}

let reads = 0;
/** Counts reads of files, which need real time. */
const countingReads = (files: HostFiles): HostFiles =>
  new Proxy(files, {
    get(target, key) {
      const member: unknown = Reflect.get(target, key);
      if (typeof member !== 'function') return member;
      return async (...words: unknown[]): Promise<unknown> => {
        reads += 1;
        try {
          return await (Reflect.apply(member, target, words) as Promise<unknown>);
        } finally {
          reads -= 1;
        }
      };
    },
  });

/** Waits in the time of the clock, which stands while files are read. */
async function within<Value>(clock: SteppedClock, work: Promise<Value>): Promise<Value> {
  let isSettled = false;
  const settle = () => (isSettled = true);
  work.then(settle, settle);
  while (!isSettled) {
    while (reads > 0) await new Promise((resolve) => setTimeout(resolve, 1));
    await clock.advance(0.25);
  }
  return await work;
}

const leaseOf = (acquired: Acquisition): HeldLease => {
  if (acquired.kind !== 'acquired') throw new Error(acquired.kind);
  return acquired.lease;
};

/** @param startSeconds from the start of the name server until it listens */
async function restarting(startSeconds: number, { others = [] as string[], direction = 'forward' as const } = {}) {
  const clock = createSteppedClock();
  const server = fakeNameServers(clock, 1);
  const { io, claim } = claimant(clock, 'alice');
  const lease = leaseOf(await within(clock, acquireLease(server.connect(), claim, io)));
  let listensAt = 0;
  const listens = () => clock.monotonic() >= listensAt;
  const commands = async (_: string, [word = '']: readonly string[]) => {
    if (word === 'stop') [listensAt] = [Infinity, server.setDown(true)];
    if (word === 'start') {
      listensAt = clock.monotonic() + startSeconds;
      void clock.sleep(seconds(startSeconds)).then(() => server.setDown(false));
    }
    const status = listensAt === Infinity ? 'STOPPED   Not started' : 'RUNNING   pid 77, uptime 0:00:09';
    const outputs: Record<string, string> = {
      start: 'ns: started\n',
      stop: 'ns: stopped\n',
      status: `ns   ${status}\n`,
      tail: listens() ? 'The Name Server boot success\n' : '',
    };
    return { exitCode: 0, stdout: outputs[word] ?? '', stderr: '' };
  };
  const host = thisHost('mq-1', commands);
  const target = DesiredInstance.parse({
    cluster: 'orders',
    host: 'mq-1',
    role: 'rocketmq-name-server',
    port: 9876,
    supervisord: { program: 'ns' },
  });
  const facts: InstanceFacts = { action: 'restart', order: [{ name: 'ns-1', target, wasRunning: true }], marks: {} };
  const journal = newJournal({ cluster: 'orders', change: 'instances-restart', subject: 'ns-1', facts }, new Date(0));
  journal.direction = direction;
  // Needs Java on this machine.
  journal.steps.push({ id: 'see-startable-ns-1', begunAt: journal.startedAt, doneAt: journal.startedAt, evidence: [] });
  const tools = instanceToolsWith({
    hostOf: () => ({
      ...host,
      files: countingReads(host.files),
      procfs: join(folder, listens() ? 'running' : 'stopped'),
    }),
    clock,
    all: Object.fromEntries(['ns-1', ...others].map((name) => [name, target])),
  });
  const held = { check: async () => lease.check(), save: async () => {}, storeIs: lease.storeIs };
  const steps = instanceChanges.restart.steps(facts, tools);
  const run = () =>
    carryOut({ ...held, journal, steps, clock, signal, tell: () => undefined }, seconds(1000)).then(
      ({ kind }) => kind,
      (cause: unknown) => (cause instanceof AppError ? cause.code : String(cause)),
    );
  return { clock, server, lease, journal, run };
}

test('a restart of the only name server that takes 10 min keeps the lease', async () => {
  const { clock, server, lease, run } = await restarting(600);
  expect(await within(clock, run())).toBe('done');
  expect(() => lease.check()).not.toThrow();
  await within(clock, lease.release());
  expect(server.texts()).toEqual([undefined]);
});

test('so does its rollback', async () => {
  const { clock, lease, journal, run } = await restarting(600);
  journal.direction = 'back';
  journal.steps.push(...['stop-ns-1', 'start-ns-1'].map((id) => ({ id, begunAt: journal.startedAt, evidence: [] })));
  expect(await within(clock, run())).toBe('rolled-back');
  expect(() => lease.check()).not.toThrow();
});

test('the age of the lease counts while another name server of the cluster runs', async () => {
  const { clock, run } = await restarting(600, { others: ['ns-2'] });
  expect(await within(clock, run())).toBe('lease-lost');
});

test('the age of the lease counts again once the name server serves', async () => {
  const { clock, server, lease, run } = await restarting(100);
  expect(await within(clock, run())).toBe('done');
  server.setDown(true);
  await clock.advance(60);
  expect(() => lease.check()).toThrow(expect.objectContaining({ code: 'lease-lost' }) as Error);
});

test('of the owner and a process that takes over a lease seen before the restart, one goes on', async () => {
  const ends: string[] = [];
  for (let delay = -3; delay < 15; delay += 0.5) {
    const { clock, server, lease, run } = await restarting(100);
    const { io, claim } = claimant(clock, 'bob');
    const seen = server.texts()[0] ?? '';
    const { id, heartbeat } = JSON.parse(seen) as { id: string; heartbeat: number };
    let bobHolds = false;
    const took = (async () => {
      await clock.sleep(seconds(100 + delay));
      const store = server.connect(() => 0.4);
      // As if suspended since a reading from before the stop: the heartbeat then equals that of the restarted server.
      const print = `name server 0 ${id} ${heartbeat}`;
      const observed = await observeLease(store, io, print);
      if (observed.kind !== 'expired') return observed.kind;
      const taken = await acquireLease(store, claim, io, { seen: observed, takeOver: async () => {} });
      bobHolds = taken.kind === 'acquired';
      return taken.kind;
    })();
    const ended = await within(clock, run());
    const both = ended === 'done' && bobHolds;
    const [bob] = await within(clock, Promise.all([took, clock.sleep(seconds(20))]));
    expect({ delay, both: both || (bobHolds && !lease.isLost()) }).toEqual({ delay, both: false });
    await within(clock, lease.release());
    ends.push(`${ended} ${bob}`);
  }
  expect(ends).toEqual(expect.arrayContaining(['lease-lost acquired', 'done live']));
});

test.each(['silence', 'a renewal'])(
  'after %s, the age of the lease counts although the change awaits its server',
  async (what) => {
    const { clock, server, lease } = await restarting(100);
    server.setDown(true, 0, what === 'silence');
    await lease.storeIs('stopped', { signal });
    await clock.advance(60);
    if (what === 'a renewal') {
      expect(() => lease.check()).not.toThrow();
      // By another person, or at another machine of the same address.
      server.setDown(false);
      await clock.advance(5);
      server.setDown(true);
      await clock.advance(60);
    }
    expect(() => lease.check()).toThrow(expect.objectContaining({ code: 'lease-lost' }) as Error);
  },
);
