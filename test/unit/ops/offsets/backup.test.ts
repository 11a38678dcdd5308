import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { backupFile, backupOf, readBackup, writeBackup } from '../../../../ops/offsets/backup.ts';

const of = { cluster: 'orders', broker: 'kafka', group: 'billing' } as const;
const positions = [
  { topic: 'paid', partition: 0, start: 5n, end: 9_007_199_254_740_993n, committed: 9_007_199_254_740_992n },
  { topic: 'paid', partition: 1, start: 0n, end: 3n },
];
const backup = backupOf(of, positions, new Date('2026-11-20T12:00:00Z'));

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'plimsoll-offset-backup-'));
});
afterEach(() => rm(folder, { recursive: true }));

test('reads back a written backup with all digits of offsets, and without unknown offsets', async () => {
  const path = backupFile(folder, backup);
  await writeBackup(path, backup);
  expect(await readBackup(path, of)).toEqual(backup);
  expect(backup.positions).toEqual([
    { topic: 'paid', partition: 0, start: '5', end: '9007199254740993', committed: '9007199254740992' },
    { topic: 'paid', partition: 1, start: '0', end: '3' },
  ]);
  expect(await readdir(join(folder, 'offset-backups'))).toEqual(['orders--billing--2026-11-20T120000.000Z.json']);
});

test('never overwrites a backup', async () => {
  const path = join(folder, 'kept.json');
  await writeFile(path, 'mine');
  await expect(writeBackup(path, backup)).rejects.toMatchObject({ code: 'file-exists' });
  expect(await readFile(path, 'utf8')).toBe('mine');
});

test('writes a backup of a group with a long name in Chinese', async () => {
  const group = '消'.repeat(85);
  const path = backupFile(folder, { ...backup, group });
  await writeBackup(path, { ...backup, group });
  expect(await readBackup(path, { ...of, group })).toEqual({ ...backup, group });
});

test('the backup of a group named like a path stays in the folder', () => {
  const path = backupFile(folder, { ...backup, group: '../../etc/passwd' });
  expect(path.startsWith(join(folder, 'offset-backups', 'orders--..~2f~..~2f~etc~2f~passwd'))).toBe(true);
});

test.each([
  ['not JSON', '{', /not JSON/],
  ['another file', '{"schemaVersion":1}', /kind/],
  [
    'an offset as a number',
    JSON.stringify({ ...backup, positions: [{ topic: 'a', partition: 0, committed: 5 }] }),
    /positions.0.committed/,
  ],
  [
    'an offset before the first',
    JSON.stringify({ ...backup, positions: [{ topic: 'a', partition: 0, committed: '-1' }] }),
    /whole number/,
  ],
  ['one of another group', JSON.stringify({ ...backup, group: 'other' }), /of group other, and not of billing/],
  ['one of another cluster', JSON.stringify({ ...backup, cluster: 'test' }), /of cluster test, and not of orders/],
])('rejects %s', async (_, text, words) => {
  const path = join(folder, 'backup.json');
  await writeFile(path, text);
  await expect(readBackup(path, of)).rejects.toMatchObject({
    code: 'backup-unreadable',
    message: expect.stringMatching(words),
  });
});

test('rejects a missing file with its path', async () => {
  await expect(readBackup(join(folder, 'none.json'), of)).rejects.toMatchObject({
    code: 'backup-unreadable',
    message: expect.stringMatching(/^cannot restore from \S+none\.json: no such file$/),
  });
});
