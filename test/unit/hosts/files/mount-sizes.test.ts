// Is a mount that hangs told of, not waited for, and not asked again until it answered?

import { expect, test } from 'vitest';
import { createMountSizes, parseSizes } from '../../../../hosts/files/mount-sizes.ts';
import { createHandClock } from '../../../support/hand-clock.ts';

const io = { signal: new AbortController().signal };
const answerOf = (paths: readonly string[]) => ({
  stdout: paths.map((path) => `4096 100 50 40 10 5 ${path}\n`).join(''),
  stderr: '',
});

/** Patience ends when nothing has answered by the next turn of the event loop. */
const impatient = { ...createHandClock(), sleep: () => new Promise<void>((resolve) => setImmediate(resolve)) };

test('one that hangs is said, the others are told, and it is asked again only after it answered', async () => {
  const stuck = Promise.withResolvers<ReturnType<typeof answerOf>>();
  const asked: string[][] = [];
  let isStuck = true;
  const read = createMountSizes(async (paths) => {
    asked.push([...paths]);
    return isStuck && paths.includes('/nfs') ? stuck.promise : answerOf(paths);
  }, impatient);

  const first = await read(['/', '/nfs'], io);
  expect([[...first.sizes.keys()], first.hung]).toEqual([['/'], ['/nfs']]);
  expect(asked).toEqual([['/', '/nfs'], ['/'], ['/nfs']]);

  expect((await read(['/', '/nfs'], io)).hung).toEqual(['/nfs']);
  expect(asked.at(-1)).toEqual(['/']);

  isStuck = false;
  stuck.resolve(answerOf(['/nfs']));
  await new Promise((resolve) => setImmediate(resolve));
  const last = await read(['/', '/nfs'], io);
  expect([[...last.sizes.keys()], last.hung]).toEqual([['/', '/nfs'], []]);
});

test('one that cannot be asked is told with its reason, and a path may hold blanks', async () => {
  const read = createMountSizes(
    async () => ({
      ...answerOf(['/a b']),
      stderr: "stat: cannot read file system information for '/root only': Permission denied\n",
    }),
    impatient,
  );
  const { sizes, failures } = await read(['/a b', '/root only', '/odd'], io);
  expect([...sizes.keys()]).toEqual(['/a b']);
  expect([...failures]).toEqual([
    ['/root only', 'Permission denied'],
    ['/odd', 'stat told nothing of it'],
  ]);
});

test('blocks become bytes, and lines that are none are passed over', () => {
  const size = { sizeBytes: 409_600, freeBytes: 204_800, availableBytes: 163_840, files: 10, filesFree: 5 };
  expect([...parseSizes('4096 100 50 40 10 5 /data\nstat: what\n')]).toEqual([['/data', size]]);
});
