import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import {
  beginState,
  clearRequest,
  readRequest,
  readState,
  saveState,
  stateFile,
  writeRequest,
  type ReassignState,
} from '../../../../../ops/kafka/execute/reassign-state.ts';
import { putAside } from '../../../../../ops/state-file.ts';

const state: ReassignState = {
  schemaVersion: 1,
  cluster: 'orders',
  startedAt: '2026-11-20T00:00:00.000Z',
  status: 'running',
  direction: 'forward',
  original: [{ topic: 'a', partition: 0, replicas: [1] }],
  target: [{ topic: 'a', partition: 0, replicas: [2] }],
  leaving: [],
  movesPerBroker: 5,
  borrowed: [{ kind: 'topic', name: 'a', why: 'retention', before: { 'retention.ms': null } }],
  checks: {},
  log: [],
};

async function path(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'plimsoll-state-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  return stateFile(folder, '../x/y');
}

test('a state is read as it was written, in a file whose name leads nowhere else', async () => {
  const file = await path();
  expect(await readState(file)).toBeUndefined();
  await saveState(file, state);
  expect(await readState(file)).toEqual(state);
  expect(await readdir(join(file, '..'))).toEqual(['..~2f~x~2f~y.json']);
  await putAside(file, state);
  expect(await readState(file)).toBeUndefined();
});

test('of two processes that begin a change at once one does, and its state stays', async () => {
  const file = await path();
  const begun = await Promise.allSettled(['one', 'other'].map((cluster) => beginState(file, { ...state, cluster })));
  expect(begun.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
  expect(begun.find((each) => each.status === 'rejected')?.reason).toMatchObject({ code: 'change-under-way' });
  expect((await readState(file))?.cluster).toBe(begun[0]?.status === 'fulfilled' ? 'one' : 'other');
});

test('a damaged state is named, and not taken for none', async () => {
  const file = await path();
  await saveState(file, state);
  await writeFile(file, '{"schemaVersion":1');
  await expect(readState(file)).rejects.toMatchObject({ code: 'change-unreadable' });
  await writeFile(file, '{"schemaVersion":2}');
  await expect(readState(file)).rejects.toMatchObject({ code: 'change-unreadable' });
});

test('what is asked of the process at work is read once it is there, and gone when cleared', async () => {
  const file = await path();
  await saveState(file, state);
  expect(await readRequest(file)).toBeUndefined();
  await writeRequest(file, 'abort');
  expect(await readRequest(file)).toBe('abort');
  await clearRequest(file);
  expect(await readRequest(file)).toBeUndefined();
});

test('a state of a former release, with the process that was at work on it, is read', async () => {
  const file = await path();
  const former = { ...state, holder: { pid: 1, host: 'container-7', started: '4711' } };
  await saveState(file, former);
  expect(await readState(file)).toEqual(former);
});
