// Checks that a hung mount is reported, not waited for, and not queried again before it responds.

import { expect, test } from 'vitest';
import { createMountSizes, parseSizes } from '../../../../hosts/files/mount-sizes.ts';
import { createHandClock } from '../../../support/hand-clock.ts';

const io = { signal: new AbortController().signal };
const linesOf = (paths: readonly string[]) => paths.map((path) => `4096 100 50 40 10 5 ${path}\n`).join('');

/** The wait ends if nothing has responded by the next turn of the event loop. */
const impatient = { ...createHandClock(), sleep: () => new Promise<void>((resolve) => setImmediate(resolve)) };

test('reports a hung mount, returns the others, and queries the hung mount again only after it responded', async () => {
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

test('concurrent readers of one mount all get its response', async () => {
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

test('a late response is used once, in the next reading', async () => {
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
  // Its query is pending, and no response has arrived since.
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

test('reports a failing mount with its reason, apart from a hung mount with the same prefix, and accepts blanks in paths', async () => {
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

test('reports a mount below a forbidden folder by its error code, and other failures by their text', async () => {
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

test('mounts that hang one after the other occupy at most three calls', async () => {
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

test('converts blocks to bytes, and skips other lines', () => {
  const size = { totalBytes: 409_600, freeBytes: 204_800, availableBytes: 163_840, files: 10, filesFree: 5 };
  expect([...parseSizes('4096 100 50 40 10 5 /data\nstat: what\n')]).toEqual([['/data', size]]);
});

test('without the command, no mount counts as failed, and each is queried again in the next reading', async () => {
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
