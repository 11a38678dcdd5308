import { createHash } from 'node:crypto';
import { mkdir, mkdtempDisposable, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { writeRendered } from '../../../../ops/render/write-rendered.ts';

const { signal } = new AbortController();
const files = [
  { path: 'orders/a/broker.conf', text: 'brokerName=a\n' },
  { path: 'orders/b/broker.conf', text: 'brokerName=b\n' },
];

async function inFolder(check: (folder: string) => Promise<void>) {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'plimsoll-render-'));
  await check(join(folder.path, 'out'));
}

test('writes into a new folder, rewrites its files later, and removes files that are no longer rendered', () =>
  inFolder(async (folder) => {
    await writeRendered(folder, files, { signal });
    await writeRendered(folder, files.slice(0, 1), { signal });
    expect(await readFile(join(folder, 'orders/a/broker.conf'), 'utf8')).toBe('brokerName=a\n');
    expect(await readdir(join(folder, 'orders/b'))).toEqual([]);
  }));

test('refuses a folder that holds other files', () =>
  inFolder(async (folder) => {
    await writeRendered(folder, files, { signal });
    await writeFile(join(folder, 'orders/notes.txt'), 'mine');
    await expect(writeRendered(folder, files, { signal })).rejects.toMatchObject({
      code: 'render-refused',
      message: expect.stringContaining('orders/notes.txt'),
    });
  }));

test('temporary files of a killed process do not count as files of others', () =>
  inFolder(async (folder) => {
    await mkdir(folder);
    await writeFile(join(folder, 'rendered.json.4242-1.new'), '{"schemaVersion":');
    await writeRendered(folder, files, { signal });
    await writeFile(join(folder, 'orders/a/broker.conf.4242-2.new'), 'broker');
    await writeRendered(folder, files.slice(0, 1), { signal });
    expect(await readFile(join(folder, 'orders/a/broker.conf'), 'utf8')).toBe('brokerName=a\n');
    await writeFile(join(folder, 'orders/mine.4242-3.new'), 'mine');
    await expect(writeRendered(folder, files, { signal })).rejects.toMatchObject({ code: 'render-refused' });
  }));

test('refuses a folder that was never rendered into', () =>
  inFolder(async (folder) => {
    await writeRendered(folder, files, { signal });
    await rm(join(folder, 'rendered.json'));
    await expect(writeRendered(folder, files, { signal })).rejects.toMatchObject({ code: 'render-refused' });
  }));

test('keeps a file that somebody edited', () =>
  inFolder(async (folder) => {
    await writeRendered(folder, files, { signal });
    await writeFile(join(folder, 'orders/a/broker.conf'), 'brokerName=mine\n');
    await expect(writeRendered(folder, files, { signal })).rejects.toMatchObject({
      message: expect.stringContaining('was edited since'),
    });
    expect(await readFile(join(folder, 'orders/a/broker.conf'), 'utf8')).toBe('brokerName=mine\n');
  }));

test('refuses a path that is a file', () =>
  inFolder(async (folder) => {
    await writeFile(folder, '');
    await expect(writeRendered(folder, files, { signal })).rejects.toMatchObject({ code: 'render-refused' });
  }));

test.each(['../orders.txt', 'orders/../../orders.txt', '/etc/hosts', 'orders//a', './orders'])(
  'refuses a list of rendered files that names %s, and deletes nothing',
  (path) =>
    inFolder(async (folder) => {
      await writeRendered(folder, files, { signal });
      const own = join(folder, '..', 'orders.txt');
      await writeFile(own, 'mine');
      const digest = createHash('sha256').update('mine').digest('hex');
      await writeFile(join(folder, 'rendered.json'), JSON.stringify({ schemaVersion: 1, files: { [path]: digest } }));
      await expect(writeRendered(folder, files, { signal })).rejects.toMatchObject({ code: 'render-refused' });
      expect(await readFile(own, 'utf8')).toBe('mine');
    }),
);

test('refuses a plan whose names lead out of the folder', () =>
  inFolder(async (folder) => {
    const outside = [{ path: '../../orders/broker.conf', text: '' }];
    await expect(writeRendered(folder, outside, { signal })).rejects.toMatchObject({ code: 'render-refused' });
    await expect(readdir(folder)).rejects.toMatchObject({ code: 'ENOENT' });
  }));

test('accepts names with Chinese characters and spaces as folder names', () =>
  inFolder(async (folder) => {
    await writeRendered(folder, [{ path: '订单 一/a/broker.conf', text: 'x' }], { signal });
    await writeRendered(folder, files, { signal });
    expect(await readdir(join(folder, '订单 一/a'))).toEqual([]);
  }));

test.each([
  ['the first', []],
  ['a later', files],
])('an interrupted rendering does not block the next one: %s', (_, before) =>
  inFolder(async (folder) => {
    if (before.length > 0) await writeRendered(folder, before, { signal });
    const changed = files.map(({ path, text }) => ({ path, text: `${text}# new\n` }));
    // A folder in the place of a file ends it after the first.
    const inTheWay = join(folder, 'orders/c/broker.conf');
    await mkdir(inTheWay, { recursive: true });
    await expect(
      writeRendered(folder, [...changed, { path: 'orders/c/broker.conf', text: '' }], { signal }),
    ).rejects.toMatchObject({ code: 'render-refused' });
    await rm(inTheWay, { recursive: true });
    await writeRendered(folder, files, { signal });
    expect(await readFile(join(folder, 'orders/a/broker.conf'), 'utf8')).toBe('brokerName=a\n');
    await writeFile(join(folder, 'orders/a/broker.conf'), changed[0]?.text ?? '');
    await expect(writeRendered(folder, files, { signal })).rejects.toThrow('was edited since');
  }),
);
