// Checks that a hung mount is reported, not waited for, and not queried again before it responds.

import { expect, test } from 'vitest';
import { createMountSizes, parseSizes } from '../../../../hosts/files/mount-sizes.ts';
import { createHandClock } from '../../../support/hand-clock.ts';

const io = { signal: new AbortController().signal };
const linesOf = (paths: readonly string[]) => paths.map((path) => `4096 100 50 40 10 5 ${path}\n`).join('');

/** The wait ends if nothing has responded by the next turn of the event loop. */
const impatient = { ...createHandClock(), sleep: () => new Promise<void>((resolve) => setImmediate(resolve)) };

test('one that hangs is said, the others are reported, and it is asked again only after it answered', async () => {
  const answered = Promise.withResolvers<void>();
  const asked: string[][] = [];
  const read = createMountSizes(async (paths, output) => {
    asked.push([...paths]);
    output.stdout += linesOf(paths.filter((path) => path !== '/nfs' || asked.length > 2));
    if (asked.length === 1) await answered.promise;
  }, impatient);

  const first = await read(['/', '/nfs'], io);
  expect([[...first.sizes.keys()], first.hung]).toEqual([['/'], ['/nfs']]);
  expect((await read(['/', '/nfs'], io)).hung).toEqual(['/nfs']);
  expect(asked).toEqual([['/', '/nfs'], ['/']]);

  answered.resolve();
  await new Promise((resolve) => setImmediate(resolve));
  const last = await read(['/', '/nfs'], io);
  expect([[...last.sizes.keys()], last.hung]).toEqual([['/', '/nfs'], []]);
});

test('readers that ask about one mount at the same time all get its answer', async () => {
  const read = createMountSizes(
    async (paths, output) => {
      await new Promise((resolve) => setImmediate(resolve));
      output.stdout += linesOf(paths);
    },
    { sleep: () => new Promise<void>(() => {}) },
  );
  const queries = [['/', '/logs'], ['/logs'], ['/a'], ['/b']];
  const all = await Promise.all(queries.map((paths) => read(paths, io)));
  expect(all.map(({ sizes, hung, failures }) => [[...sizes.keys()], hung, failures.size])).toEqual(
    queries.map((paths) => [paths, [], 0]),
  );
});

test('an answer that comes late is that of the next reading, once', async () => {
  let isSlow = true;
  const answering: (() => void)[] = [];
  const read = createMountSizes(async (paths, output) => {
    if (isSlow) await new Promise<void>((resolve) => answering.push(resolve));
    output.stdout += linesOf(paths);
  }, impatient);
  const answer = async () => {
    answering.shift()?.();
    await new Promise((resolve) => setImmediate(resolve));
  };
  expect((await read(['/'], io)).hung).toEqual(['/']);
  await answer();
  const next = await read(['/'], io);
  expect([[...next.sizes.keys()], next.hung]).toEqual([['/'], []]);
  // Its own query is under way, and nothing has arrived since.
  expect((await read(['/'], io)).hung).toEqual(['/']);
  await answer();
  isSlow = false;
  expect([...(await read(['/'], io)).sizes.keys()]).toEqual(['/']);
});

test.each([
  ['late answers to two readers are kept for each of them', [['/'], ['/logs']]],
  ['a late answer about two mounts is kept for the reader of each', [['/', '/logs']]],
])('%s', async (_, queries) => {
  const answering: (() => void)[] = [];
  const read = createMountSizes(async (paths, output) => {
    await new Promise<void>((resolve) => answering.push(resolve));
    output.stdout += linesOf(paths);
  }, impatient);
  await Promise.all(queries.map((paths) => read(paths, io)));
  for (const answer of answering.splice(0)) answer();
  await new Promise((resolve) => setImmediate(resolve));
  const [mounts, folders] = await Promise.all([read(['/'], io), read(['/logs'], io)]);
  expect([...mounts.sizes.keys(), ...folders.sizes.keys()]).toEqual(['/', '/logs']);
});

test('a mount that fails is reported with its reason, one that hangs and begins its path is not, and a path may hold blanks', async () => {
  const read = createMountSizes(async (paths, output) => {
    output.stdout += linesOf(['/a b']);
    output.stderr += "stat: cannot read file system information for '/root only': Permission denied\n";
    if (paths.includes('/root')) await new Promise(() => {});
  }, impatient);
  const beside = await read(['/a b', '/root only', '/root'], io);
  expect([...beside.failures]).toEqual([['/root only', 'Permission denied']]);
  expect(beside.hung).toEqual(['/root']);
  const { sizes, failures } = await read(['/a b', '/root only', '/odd'], io);
  expect([...sizes.keys()]).toEqual(['/a b']);
  expect([...failures]).toEqual([['/root only', 'Permission denied']]);
});

test('one below a folder that this user may not enter is reported by its code, one that fails for another reason is not', async () => {
  const asked: string[] = [];
  const refusals = new Map([
    ['/kubelet/pods/7f/.', 'EACCES'],
    ['/elsewhere/.', 'ENOENT'],
  ]);
  const read = createMountSizes(
    async (_, output) => {
      output.stderr +=
        "stat: cannot read file system information for '/kubelet/pods/7f/data': Permission denied\n" +
        "stat: cannot read file system information for '/broken': Input/output error\n" +
        "stat: cannot read file system information for '/elsewhere/gone': No such file or directory\n";
    },
    impatient,
    async (folder) => {
      asked.push(folder);
      return refusals.get(folder);
    },
  );
  expect([...(await read(['/kubelet/pods/7f/data', '/broken', '/elsewhere/gone'], io)).failures]).toEqual([
    ['/kubelet/pods/7f/data', 'EACCES'],
    ['/broken', 'Input/output error'],
    ['/elsewhere/gone', 'No such file or directory'],
  ]);
  expect(asked).toEqual(['/kubelet/pods/7f/.', '//.', '/elsewhere/.']);
});

test('mounts that begin to hang one after the other hold no more than three questions', async () => {
  let asked = 0;
  const read = createMountSizes(async (paths, output) => {
    asked += 1;
    output.stdout += linesOf(paths.slice(0, -1));
    await new Promise(() => {});
  }, impatient);
  const mounts = ['/a', '/b', '/c', '/d', '/e', '/f'];
  for (const _ of mounts) await read(mounts, io);
  expect(asked).toBe(3);
  const { hung, failures } = await read(mounts, io);
  expect(hung).toEqual(['/d', '/e', '/f']);
  expect([...failures.keys()]).toEqual(['/a', '/b', '/c']);
  expect(failures.get('/a')).toContain('3 calls hang');
});

test('blocks become bytes, and lines that are none are passed over', () => {
  const size = { totalBytes: 409_600, freeBytes: 204_800, availableBytes: 163_840, files: 10, filesFree: 5 };
  expect([...parseSizes('4096 100 50 40 10 5 /data\nstat: what\n')]).toEqual([['/data', size]]);
});

test('where there is no command to ask with, no mount is one that failed, and each is asked again at the next reading', async () => {
  let asked = 0;
  const read = createMountSizes(async () => {
    asked += 1;
    throw new Error('spawn xargs ENOENT');
  }, impatient);
  for (const times of [1, 2]) {
    expect(await read(['/', '/data'], io)).toEqual({ sizes: new Map(), hung: [], failures: new Map() });
    expect(asked).toBe(times);
  }
});
