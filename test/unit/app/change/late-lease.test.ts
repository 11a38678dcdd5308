// Checks that a change resumed while the only name server is down takes the lease once that name server serves.

import { mkdtempDisposable } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { RocketmqClusterConfig } from '../../../../brokers/rocketmq/config.ts';
import type { Caller } from '../../../../app/caller.ts';
import { takeLease } from '../../../../app/change/take-lease.ts';
import { createLogger } from '../../../../core/log.ts';
import { acquireLease } from '../../../../ops/change/acquire-lease.ts';
import { takeJournal } from '../../../../ops/change/held-journal.ts';
import { AnyFacts, journalFile, newJournal, readJournal } from '../../../../ops/change/journal.ts';
import { noteLease } from '../../../../ops/change/left-lease.ts';
import { fakeNameServers } from '../../../support/fake-lease-stores.ts';
import { createSteppedClock } from '../../../support/stepped-clock.ts';

const signal = new AbortController().signal;
const cluster = {
  name: 'orders',
  config: RocketmqClusterConfig.parse({ broker: 'rocketmq', namesrv: ['127.0.0.1:1'] }),
  typed: 'prod',
};
const what = { change: 'instances-restart', subject: 'ns-1' };
const names = { cluster: 'orders', ...what, facts: {} };

/** A change that is resumed while its only name server is stopped. @param left: its killed process left a lease */
async function resumed({ options = {}, left = false, count = 1 } = {}) {
  const folder = await mkdtempDisposable(join(tmpdir(), 'plimsoll-late-lease-'));
  const clock = createSteppedClock();
  const server = fakeNameServers(clock, count);
  const written: string[] = [];
  const output = { write: (text: string) => void written.push(text), isTerminal: false, columns: 100 };
  const io: Caller = {
    confirm: async () => void written.push('confirmed'),
    confirmDeletion: () => Promise.reject(new Error('nothing is deleted')),
    options: { resume: true, 'state-dir': folder.path, ...options },
    stdout: output,
    stderr: output,
    signal,
    environment: {},
    clock,
    openLog: async () => createLogger('silent'),
  };
  async function within<Value>(work: Promise<Value>): Promise<Value> {
    let isSettled = false;
    const settle = () => (isSettled = true);
    work.then(settle, settle);
    while (!isSettled) {
      await new Promise((resolve) => setTimeout(resolve, 1));
      await clock.advance(0.5);
    }
    return await work;
  }
  const claim = { owner: 'bob', host: 'bob-laptop', ...what };
  const otherTakes = async (how: Parameters<typeof acquireLease>[3] = {}) => {
    const taken = await within(acquireLease(server.connect(), claim, { clock, signal, tell: () => undefined }, how));
    if (taken.kind === 'acquired') return taken.lease;
    throw new Error(taken.kind);
  };
  /** As a killed process leaves it. */
  const leave = async () => {
    const lease = await otherTakes();
    const [text] = server.texts();
    await lease.release();
    server.put(text);
    return lease.id;
  };
  if (left) await noteLease(folder.path, 'prod', { id: await leave() });
  server.setDown(true);
  const lease = await within(takeLease(io, cluster, { ...what, mayBeDown: true }, async () => server.connect()));
  await lease.begin();
  const path = journalFile(folder.path, 'changes', ['orders', what.change, what.subject]);
  const journal = newJournal(names, new Date(0));
  const held = await takeJournal(path, journal, lease, () => undefined);
  const serve = async () => {
    server.setDown(false, 0);
    await within(held.storeIs?.('serving', { signal }) ?? Promise.resolve());
  };
  const end = () => within(Promise.resolve(lease[Symbol.asyncDispose]()).then(() => folder[Symbol.asyncDispose]()));
  const stored = () => JSON.parse(server.texts()[0] ?? '') as unknown;
  return { server, stored, lease, held, journal, path, written, otherTakes, leave, serve, end };
}

test('once the name server serves, others see the lease of the resumed change, until it ends', async () => {
  const { server, stored, lease, held, path, otherTakes, serve, end } = await resumed();
  expect(lease.id).toBeUndefined();
  await serve();
  expect(stored()).toMatchObject({ id: lease.id, change: what.change });
  expect(await readJournal(path, AnyFacts)).toMatchObject({ leaseId: lease.id });
  await expect(otherTakes()).rejects.toThrow('live');
  await expect(held.check()).resolves.toBeUndefined();
  await end();
  expect(server.texts()).toEqual([undefined]);
});

test('so does one whose killed process left its lease there', async () => {
  const { stored, lease, serve, end } = await resumed({ left: true });
  await serve();
  expect(stored()).toMatchObject({ id: lease.id });
  await end();
});

test('stops before its next step if another operator holds the lease by then', async () => {
  const { server, stored, journal, otherTakes, serve, end } = await resumed();
  server.setDown(false);
  const theirs = await otherTakes();
  await expect(serve()).rejects.toMatchObject({ code: 'change-under-way' });
  expect(journal).toMatchObject({ status: 'running' });
  expect(stored()).toMatchObject({ id: theirs.id, owner: 'bob' });
  await end();
  expect(stored()).toMatchObject({ id: theirs.id });
});

test.each([
  [false, 'lease-expired'],
  [true, undefined],
] as const)('an expired lease of another operator is taken over only with --take-over (%s)', async (given, code) => {
  const { server, lease, leave, written, serve, end } = await resumed({ options: { 'take-over': given } });
  server.setDown(false);
  await leave();
  const ended = await serve().then(
    () => undefined,
    (cause: unknown) => (cause as { code: string }).code,
  );
  expect({ ended, confirmed: written.includes('confirmed') }).toEqual({ ended: code, confirmed: given });
  expect(lease.id !== undefined).toBe(given);
  await end();
});

test('goes on while another name server, which is still down, keeps the lease unreadable', async () => {
  const { lease, serve, end } = await resumed({ count: 2 });
  await serve();
  expect(lease.id).toBeUndefined();
  await end();
});
