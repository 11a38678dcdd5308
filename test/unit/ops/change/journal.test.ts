import { randomUUID } from 'node:crypto';
import { mkdir, mkdtempDisposable, readdir, readFile, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { z } from 'zod';
import {
  beginJournal,
  journalFile,
  newJournal,
  putAside,
  readJournal,
  runningChanges,
  saveJournal,
  type ChangeJournal,
} from '../../../../ops/change/journal.ts';
import { storeFault } from '../../../../ops/change/journal-file.ts';

const Facts = z.strictObject({ brokerName: z.string() });
type Journal = ChangeJournal<z.infer<typeof Facts>>;
const identity = { cluster: 'lab', change: 'scale-in', subject: 'broker-b' };
const journalOf = (over: Partial<Journal> = {}): Journal => ({
  ...newJournal({ ...identity, facts: { brokerName: 'broker-b' } }, new Date('2026-11-20T10:00:00.000Z')),
  steps: [{ id: 'close-writes', begunAt: '2026-11-20T10:00:01.000Z', evidence: [] }],
  ...over,
});
const scratch = () => mkdtempDisposable(join(tmpdir(), 'plimsoll-change-'));
const pathIn = ({ path }: { path: string }, { cluster, change, subject } = identity) =>
  journalFile(path, 'rocketmq-changes', [cluster, change, subject]);

test('reads back the last saved journal, and leaves no temporary file in the folder', async () => {
  await using folder = await scratch();
  const path = pathIn(folder);
  await saveJournal(path, journalOf());
  await saveJournal(path, journalOf({ status: 'done' }));
  expect(await readJournal(path, Facts)).toEqual(journalOf({ status: 'done' }));
  expect(await readdir(dirname(path))).toEqual(['lab--scale-in--broker-b.json']);
});

test('only one of two concurrent starts of the same change succeeds, and its journal stays', async () => {
  await using folder = await scratch();
  const path = pathIn(folder);
  const begun = await Promise.allSettled(['one', 'other'].map((cluster) => beginJournal(path, journalOf({ cluster }))));
  expect(begun.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
  expect(begun.find((each) => each.status === 'rejected')?.reason).toMatchObject({ code: 'change-under-way' });
  expect((await readJournal(path, Facts))?.cluster).toBe(begun[0]?.status === 'fulfilled' ? 'one' : 'other');
});

test('the start of a change removes old temporary files of killed processes', async () => {
  await using folder = await scratch();
  const path = pathIn(folder);
  await mkdir(dirname(path), { recursive: true });
  const left = async (hoursAgo: number) => {
    const draft = `${path}.${randomUUID()}.new`;
    await writeFile(draft, '{"schemaVersion":');
    const changed = new Date(Date.now() - hoursAgo * 3_600_000);
    await utimes(draft, changed, changed);
    return draft;
  };
  await left(2);
  const young = await left(0);
  await beginJournal(path, journalOf());
  expect((await readdir(dirname(path))).toSorted()).toEqual([path, young].map((each) => basename(each)));
});

test.each(['EACCES', 'EPERM'])('a journal that cannot be written because of %s belongs to another user', (code) => {
  const cause = Object.assign(new Error(`${code}: open '/state/lab.json'`), { code });
  expect(storeFault(cause, 'cannot write /state/lab.json')).toMatchObject({
    code: 'no-permission',
    hint: expect.stringMatching(/^run it as the user who owns this folder; .* --state-dir/) as string,
  });
});

test('a read-only file system is reported as such, not as a wrong owner of the journal', () => {
  const cause = Object.assign(new Error("EROFS: read-only file system, open '/state/lab.json.new'"), { code: 'EROFS' });
  expect(storeFault(cause, 'cannot write /state/lab.json')).toMatchObject({
    code: 'no-permission',
    hint: expect.stringMatching(/^the file system is read-only: mount it writable, .* --state-dir$/) as string,
  });
});

test('names of clusters and topics cannot escape the folder of journals', () => {
  const path = journalFile('/state', 'rocketmq-changes', ['../x', 'queues', '%RETRY%a/b']);
  expect(path).toBe('/state/rocketmq-changes/..~2f~x--queues--~25~RETRY~25~a~2f~b.json');
});

const longTopic = 't'.repeat(249);

test.each([longTopic, `${longTopic.slice(1)}u`, '消费组'.repeat(85)])(
  'each topic or group with a name of maximum length has a separate journal',
  async (subject) => {
    await using folder = await scratch();
    const journal = journalOf({ subject });
    const path = pathIn(folder, journal);
    expect(path).not.toBe(pathIn(folder, { ...identity, subject: `${subject.slice(1)}x` }));
    await beginJournal(path, journal);
    await saveJournal(path, journal);
    expect((await runningChanges(dirname(path))).map((each) => each.subject)).toEqual([subject]);
    await putAside(path, journal);
    const [kept = ''] = await readdir(dirname(path));
    expect(kept).toMatch(/^lab--scale-in--.*=[0-9a-f]{32}\.2026-11-20T100000\.000Z\.over$/);
  },
);

test('a name that fitted into a file name before keeps its journal path', () => {
  const nameOf = (subject: string) => basename(journalFile('/state', 'changes', ['lab', 'delete-topic', subject]));
  const longest = 't'.repeat(190);
  expect(nameOf(longest)).toBe(`lab--delete-topic--${longest}.json`);
  expect(nameOf(`${longest}t`)).toMatch(/^lab--delete-topic--t{157}=[0-9a-f]{32}\.json$/);
});

test('a path that is too long is a usage error, not a permission error', async () => {
  await using folder = await scratch();
  const path = join(folder.path, `${'x'.repeat(300)}.json`);
  const refused = { code: 'usage', message: expect.stringContaining('ENAMETOOLONG') as string };
  await expect(readJournal(path, Facts)).rejects.toMatchObject(refused);
  await expect(beginJournal(path, journalOf())).rejects.toMatchObject(refused);
  await expect(saveJournal(path, journalOf())).rejects.toMatchObject(refused);
});

test.each([
  ['truncated', '{"schemaVersion": 2'],
  ['of a later version', '{"schemaVersion": 3}'],
  ['of no version', '{}'],
  ['no object', '7'],
  ['of a former version', '{"schemaVersion": 1}'],
  ['one with the facts of another change', JSON.stringify({ ...journalOf(), facts: { topic: 'a' } })],
])('accepts a missing journal, and refuses one that is %s with its path', async (_, text) => {
  await using folder = await scratch();
  const path = pathIn(folder);
  expect(await readJournal(path, Facts)).toBeUndefined();
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, text);
  await expect(readJournal(path, Facts)).rejects.toMatchObject({
    code: 'change-unreadable',
    message: expect.stringContaining(path),
  });
});

test('finds the running changes among other files', async () => {
  await using folder = await scratch();
  const save = async (over: Partial<Journal>) => {
    const journal = journalOf(over);
    await saveJournal(pathIn(folder, journal), journal);
  };
  await save({});
  await save({ subject: 'broker-c', status: 'rolled-back' });
  const changes = join(folder.path, 'rocketmq-changes');
  await writeFile(join(changes, 'lab--scale-in--broker-d.2026.over'), 'no JSON');
  expect(await runningChanges(changes)).toEqual([{ ...journalOf(), path: pathIn(folder) }]);
  expect(await runningChanges(join(folder.path, 'nowhere'))).toEqual([]);
});

test('an unreadable journal blocks new changes, because its change may still run', async () => {
  await using folder = await scratch();
  await saveJournal(pathIn(folder), journalOf());
  const changes = join(folder.path, 'rocketmq-changes');
  await writeFile(join(changes, 'lab--switch--broker-b.json'), '{"schemaVersion": 1');
  await expect(runningChanges(changes)).rejects.toMatchObject({ code: 'change-unreadable' });
});

test('a finished journal is renamed and kept when the next change begins', async () => {
  await using folder = await scratch();
  const path = pathIn(folder);
  await saveJournal(path, journalOf({ status: 'done' }));
  await putAside(path, journalOf());
  expect(await readJournal(path, Facts)).toBeUndefined();
  const [kept = ''] = await readdir(dirname(path));
  expect(JSON.parse(await readFile(join(dirname(path), kept), 'utf8'))).toMatchObject({ status: 'done' });
});
