import { appendFileSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { untilAborted } from '../../../../core/clock.ts';
import { createGcLogTail } from '../../../../hosts/gc-tail/tail.ts';
import type { HostFiles } from '../../../../hosts/host-files.ts';
import { openFilesWithoutMounts } from '../../../support/files-without-mounts.ts';
import { createHandClock } from '../../../support/hand-clock.ts';
import {
  first,
  second,
  last,
  whole,
  pausesIn,
  folder,
  log,
  tails,
  io,
  follow,
  read,
  pauses,
  inFolderOfEachTest,
} from '../../../support/tailed-gc-log.ts';

inFolderOfEachTest();

/** A host over SSH whose user may only use SFTP. */
function openFilesWithoutInodes(): HostFiles {
  const local = openFilesWithoutMounts();
  return {
    ...local,
    statAll: async (paths, use) =>
      new Map(
        [...(await local.statAll(paths, use))].map(([path, { sizeBytes, modifiedAtMs }]) => [
          path,
          { sizeBytes, modifiedAtMs },
        ]),
      ),
  };
}

test('without inodes, reads a log in order that is renamed between listing and opening', async () => {
  const far = openFilesWithoutInodes();
  let rotate = () => {};
  const files: HostFiles = {
    ...far,
    open(path, use) {
      rotate();
      return far.open(path, use);
    },
  };
  const tail = follow(log, { files });
  // The record of a pause continues in the next file.
  const cut = whole.indexOf('\n', whole.indexOf('Pause Young', whole.length / 2)) + 1;
  writeFileSync(log, first, 'latin1');
  await read(tail);
  appendFileSync(log, whole.slice(first.length, cut), 'latin1');
  rotate = () => {
    rotate = () => {};
    renameSync(log, `${log}.0`);
    writeFileSync(log, whole.slice(cut), 'latin1');
  };
  await read(tail);
  const { totals } = await read(tail);
  rmSync(join(folder, 'state'), { recursive: true });
  rmSync(`${log}.0`);
  writeFileSync(log, whole, 'latin1');
  expect(totals).toEqual((await read(follow())).totals);
});

test('without inodes, follows renamed files', async () => {
  const files = openFilesWithoutInodes();
  writeFileSync(log, first);
  await read(follow(log, { files }));
  appendFileSync(log, second);
  renameSync(log, `${log}.0`);
  writeFileSync(log, last);
  expect(pauses(await read(follow(log, { files })))).toBe(pausesIn(whole));
  expect(pauses(await read(follow(log, { files })))).toBe(pausesIn(whole));
});

test('lists a hung folder once for all readings, and closing does not wait for it', async () => {
  let listed = 0;
  const files: HostFiles = {
    ...openFilesWithoutMounts(),
    // Like local files: after the deadline the reader no longer waits for the call, which keeps its thread.
    listAll(_, { signal }) {
      listed += 1;
      return untilAborted(new Promise<never>(() => {}), signal);
    },
  };
  const tail = follow(log, { files });
  for (const nth of [1, 2]) {
    const deadline = new AbortController();
    const sampled = tail.sample([], { signal: deadline.signal });
    if (nth === 1) await expect.poll(() => listed).toBe(1);
    await turn();
    deadline.abort(new Error('too late'));
    await sampled;
    await turn();
  }
  expect(listed).toBe(1);
  await tail[Symbol.asyncDispose]();
});

test('does not list a folder on a hung mount, and reads other logs', async () => {
  writeFileSync(log, first);
  const hung = join(folder, 'hung');
  mkdirSync(hung);
  const local = openFilesWithoutMounts();
  const listed = new Set<string>();
  const tail = createGcLogTail(
    'broker-1',
    {
      ...local,
      statFileSystems: async (places) => ({
        sizes: new Map(),
        hung: places.filter((place) => place === hung),
        failures: new Map(),
      }),
      listAll(folders, use) {
        for (const each of folders) listed.add(each);
        return local.listAll(folders, use);
      },
    },
    {
      roots: { procfs: '/proc', rootfs: '/' },
      wanted: { broker: { files: log }, proxy: { files: join(hung, 'gc.log') } },
      stateDirectory: join(folder, 'state'),
      clock: createHandClock(),
    },
  );
  tails.push(tail);
  const [broker, proxy] = await tail.sample([], io);
  expect(broker && pauses(broker)).toBe(pausesIn(first));
  expect(proxy?.trouble).toBe(`cannot read ${hung}: its mount hangs`);
  expect([...listed]).toEqual([join(folder, 'logs')]);
});
