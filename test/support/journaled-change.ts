// Provides a change of one number under a lease, with its journal in a temporary folder.

import { cp, mkdtempDisposable, readdir, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { RocketmqClusterConfig } from '../../brokers/rocketmq/config.ts';
import { beginChange, continueChange, type Beginning, type Continuation } from '../../app/change/journaled-change.ts';
import type { Caller } from '../../app/caller.ts';
import { confirm as confirmTyped } from '../../cli/confirm.ts';
import { seconds, systemClock } from '../../core/clock.ts';
import { AppError } from '../../core/errors.ts';
import { createLogger } from '../../core/log.ts';
import type { HeldJournal } from '../../ops/change/held-journal.ts';
import { journalFile, type ChangeJournal } from '../../ops/change/journal.ts';
import { answerTo, startRemotingPeer } from './remoting-peer.ts';

export const Facts = z.strictObject({ to: z.number() });
export type Facts = z.infer<typeof Facts>;

/** A name server that keeps the lease, a state folder, and an operator with `--confirm prod`. */
export async function workplace(confirm = 'prod', given?: string) {
  await using made = new AsyncDisposableStack();
  const parent = made.use(await mkdtempDisposable(join(tmpdir(), 'plimsoll-journaled-change-')));
  const folder = { path: join(parent.path, 'state') };
  let lease = given;
  let isDown = false;
  const server = made.use(
    await startRemotingPeer((frame, say) => {
      if (isDown) return;
      const [put, get] = [100, 101];
      if (frame.code === get && lease === undefined) return say(answerTo(frame, { code: 22, remark: 'no such key' }));
      if (frame.code === put) lease = frame.fields['value'];
      else if (frame.code !== get) lease = undefined;
      return say(answerTo(frame, { fields: lease === undefined ? {} : { value: lease } }));
    }),
  );
  let skipped = 0;
  const written: string[] = [];
  const output = { write: (text: string) => void written.push(text), isTerminal: false, columns: 100 };
  const io: Caller = {
    confirm: (name, said) => confirmTyped(io, name, said),
    confirmDeletion: () => Promise.reject(new Error('nothing is deleted')),
    options: { confirm, 'state-dir': folder.path, config: join(folder.path, 'none.yaml') },
    stdout: output,
    stderr: output,
    signal: new AbortController().signal,
    environment: {},
    // The lease waits 4 s for other writers: a sleep takes a hundredth of its time.
    clock: {
      ...systemClock,
      monotonic: () => seconds(systemClock.monotonic() + skipped),
      async sleep(duration, options) {
        await systemClock.sleep(seconds(duration / 100), options);
        skipped += duration * 0.99;
      },
    },
    openLog: async () => createLogger('silent'),
  };
  const path = journalFile(folder.path, 'changes', ['orders', 'queues', 'payments']);
  const config = RocketmqClusterConfig.parse({ broker: 'rocketmq', namesrv: [server.address] });
  const cluster = { name: 'orders', config, typed: 'prod' };
  let isAsLeft = true;
  const what = { change: 'queues', subject: 'payments', path, placesReplicas: true };
  const continued = { ...what, schema: Facts, isAsLeft: async () => isAsLeft };
  const rest = made.move();
  return {
    io,
    path,
    written,
    lease: () => lease,
    folder: folder.path,
    config,
    async restore(saved: string, text: string | undefined) {
      await rm(folder.path, { recursive: true });
      await cp(saved, folder.path, { recursive: true });
      lease = text;
    },
    setDown: (next: boolean) => (isDown = next),
    /** Others move replicas. */
    moveReplicas: () => void (isAsLeft = false),
    setLease: (text: string) => void (lease = text),
    address: server.address,
    files: () => readdir(join(folder.path, 'changes')),
    begin: (
      carry: (state: ChangeJournal<Facts>, held: HeldJournal) => Promise<void>,
      over: Partial<Beginning<Facts>> = {},
    ) =>
      beginChange(io, cluster, { ...what, summary: 'Queues change.', facts: { to: 4 }, ...over }, (held) =>
        carry(held.journal, held),
      ),
    /** Simulates a full disk where a journal is written before it replaces the previous one. */
    fillDisk: () => symlink('/dev/full', `${path}.new`),
    freeDisk: () => rm(`${path}.new`),
    abort: (carry: (state: ChangeJournal<Facts>, held: HeldJournal) => Promise<void>) =>
      continueChange(io, cluster, { ...continued, summary: 'Queues are restored.', isBack: true }, (held) =>
        carry(held.journal, held),
      ),
    resume: (carry: (state: ChangeJournal<Facts>) => Promise<void>, over: Partial<Continuation<Facts>> = {}) =>
      continueChange(io, cluster, { ...continued, mayBeDown: true, ...over }, ({ journal }) => carry(journal)),
    [Symbol.asyncDispose]: () => rest.disposeAsync(),
  };
}

/** A kill leaves what was on disk and in the name server at that moment. */
export async function killed(place: Awaited<ReturnType<typeof workplace>>) {
  const saved = `${place.folder}.killed`;
  let lease: string | undefined;
  await place.begin(async (state) => {
    await cp(place.folder, saved, { recursive: true });
    lease = place.lease();
    state.status = 'done';
  });
  return { folder: saved, lease };
}

export const done = async (state: ChangeJournal<Facts>) => void (state.status = 'done');
export const fails = async () => {
  throw new AppError('broker-refused', 'no');
};
