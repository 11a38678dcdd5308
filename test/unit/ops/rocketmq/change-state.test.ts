import { mkdir, mkdtempDisposable, readdir, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import {
  beginChange,
  changeFile,
  readChange,
  runningChanges,
  saveChange,
  type ChangeState,
} from '../../../../ops/rocketmq/change-state.ts';
import { putAside } from '../../../../ops/state-file.ts';

const identity = { cluster: 'lab', change: 'scale-in', subject: 'broker-b' };
const stateOf = (over: Partial<ChangeState> = {}): ChangeState => ({
  schemaVersion: 1,
  ...identity,
  status: 'running',
  startedAt: '2026-11-20T10:00:00.000Z',
  before: [],
  facts: { brokerName: 'broker-b' },
  steps: [{ id: 'close-writes', begunAt: '2026-11-20T10:00:01.000Z', evidence: [] }],
  ...over,
});
const scratch = () => mkdtempDisposable(join(tmpdir(), 'plimsoll-change-'));

test('what is saved is read again, and no half-written file is left beside it', async () => {
  await using folder = await scratch();
  const path = changeFile(folder.path, identity);
  await saveChange(path, stateOf());
  await saveChange(path, stateOf({ status: 'done' }));
  expect(await readChange(path)).toEqual(stateOf({ status: 'done' }));
  expect(await readdir(dirname(path))).toEqual(['lab--scale-in--broker-b.json']);
});

test('of two that begin the same change at once, one does', async () => {
  await using folder = await scratch();
  const path = changeFile(folder.path, identity);
  const begun = await Promise.allSettled([beginChange(path, stateOf()), beginChange(path, stateOf())]);
  expect(begun.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
  expect(begun.find((each) => each.status === 'rejected')?.reason).toMatchObject({ code: 'change-under-way' });
});

test('names of clusters and topics never leave the folder', () => {
  const path = changeFile('/state', { cluster: '../x', change: 'queues', subject: '%RETRY%a/b' });
  expect(path).toBe('/state/rocketmq-changes/..~2f~x--queues--~25~RETRY~25~a~2f~b.json');
});

test('there may be none; one that is damaged is told of with its path', async () => {
  await using folder = await scratch();
  const path = changeFile(folder.path, identity);
  expect(await readChange(path)).toBeUndefined();
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, '{"schemaVersion": 1');
  await expect(readChange(path)).rejects.toMatchObject({ code: 'change-unreadable' });
  await writeFile(path, '{"schemaVersion": 2}');
  await expect(readChange(path)).rejects.toThrow(path);
});

test('those of the cluster that are under way are found, whatever else lies there', async () => {
  await using folder = await scratch();
  const save = async (over: Partial<ChangeState>) => {
    const state = stateOf(over);
    await saveChange(changeFile(folder.path, state), state);
  };
  await save({});
  await save({ subject: 'broker-c', status: 'aborted' });
  await save({ cluster: 'other' });
  await writeFile(join(folder.path, 'rocketmq-changes', 'lab--scale-in--broker-d.2026.over'), 'no JSON');
  expect(await runningChanges(folder.path, 'lab')).toEqual([stateOf()]);
  expect(await runningChanges(join(folder.path, 'nowhere'), 'lab')).toEqual([]);
});

test('one that cannot be read may be under way: no other begins beside it', async () => {
  await using folder = await scratch();
  await saveChange(changeFile(folder.path, identity), stateOf());
  await writeFile(join(folder.path, 'rocketmq-changes', 'lab--switch--broker-b.json'), '{"schemaVersion": 1');
  await expect(runningChanges(folder.path, 'lab')).rejects.toMatchObject({ code: 'change-unreadable' });
});

test('one that is over makes room and is kept', async () => {
  await using folder = await scratch();
  const path = changeFile(folder.path, identity);
  await saveChange(path, stateOf({ status: 'done' }));
  await putAside(path, stateOf());
  expect(await readChange(path)).toBeUndefined();
  const [kept = ''] = await readdir(dirname(path));
  expect(JSON.parse(await readFile(join(dirname(path), kept), 'utf8'))).toMatchObject({ status: 'done' });
});

test('a state of a former release, with the process that was at work on it, is read', async () => {
  await using folder = await scratch();
  const path = changeFile(folder.path, identity);
  const former = stateOf({ holder: { pid: 1, host: 'container-7' } });
  await saveChange(path, former);
  expect(await readChange(path)).toEqual(former);
});
