import { mkdir, mkdtempDisposable, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { unfinishedChanges, unfinishedText } from '../../../../app/change/unfinished-changes.ts';
import type { LeaseStatus } from '../../../../core/documents/change-leases.ts';
import { beginJournal, journalFile, newJournal, putAside, type ChangeJournal } from '../../../../ops/change/journal.ts';

const at = new Date('2026-11-22T18:00:00Z');
const free: LeaseStatus = { cluster: 'orders', state: 'free' };
const given = { config: undefined, 'state-dir': undefined };
const settings = { parameter: 'num.io.threads', a: '8', b: '16', out: 'runs/worth' };

function abTest(leaseId?: string): ChangeJournal {
  const names = { cluster: 'orders', change: 'ab-test', subject: 'num.io.threads' };
  const journal = newJournal({ ...names, facts: settings }, at);
  journal.borrowed = [{ kind: 'broker', name: '1', why: 'ab-test', before: { 'num.io.threads': null } }];
  return { ...journal, ...(leaseId !== undefined && { leaseId }) };
}

async function begun(folder: string, kind: Parameters<typeof journalFile>[1], journal: ChangeJournal): Promise<string> {
  const path = journalFile(folder, kind, [journal.cluster, journal.change, journal.subject]);
  await beginJournal(path, journal);
  return path;
}

test('a killed ab-test is listed with the setting that it has changed, and the command that restores it', async () => {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'plimsoll-test-unfinished-'));
  const file = await begun(folder.path, 'changes', abTest('5b1f'));
  const { changes, unread } = await unfinishedChanges(folder.path, [free], { ...given, config: 'my config.yaml' });
  expect(unread).toEqual([]);
  expect(changes).toEqual([
    {
      cluster: 'orders',
      change: 'ab-test',
      subject: 'num.io.threads',
      state: 'stopped',
      startedAt: at.toISOString(),
      borrowed: ['num.io.threads of broker 1'],
      abort: "plimsoll ab-test num.io.threads=8,16 --config 'my config.yaml' --cluster orders --abort",
      file,
    },
  ]);
  expect(unfinishedText(changes, { colours: false })).toContain(
    'roll back ab-test of num.io.threads: plimsoll ab-test',
  );
});

test('a change whose process holds the lease is running', async () => {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'plimsoll-test-unfinished-'));
  const id = '2d9a5d5c-7e5e-4a4e-8d8c-0d6a1c9f6c11';
  await begun(folder.path, 'changes', abTest(id));
  const lease: LeaseStatus = {
    cluster: 'orders',
    state: 'held',
    heartbeatAgeSeconds: 1,
    lease: {
      schemaVersion: 1,
      id,
      owner: 'alice',
      host: 'ops-1',
      change: 'ab-test',
      subject: 'num.io.threads',
      startedAt: at.toISOString(),
      heartbeatAt: at.toISOString(),
      heartbeat: 3,
    },
  };
  const { changes } = await unfinishedChanges(folder.path, [lease], given);
  expect(changes.map(({ state }) => state)).toEqual(['running']);
});

test('what has ended, and what is of another cluster, is not listed', async () => {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'plimsoll-test-unfinished-'));
  const journal = abTest();
  await putAside(await begun(folder.path, 'changes', journal), journal);
  const other = { ...abTest(), cluster: 'payments' };
  await begun(folder.path, 'rocketmq-changes', other);
  expect((await unfinishedChanges(folder.path, [free], given)).changes).toEqual([]);
});

test('each kind of change is continued by its own command', async () => {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'plimsoll-test-unfinished-'));
  const begin = (kind: Parameters<typeof journalFile>[1], change: string, subject: string, facts: object) =>
    begun(folder.path, kind, newJournal({ cluster: 'orders', change, subject, facts }, at));
  await begin('kafka-changes', 'reassign', 'topic payments', {});
  await begin('changes', 'offsets', 'group billing', { group: 'billing' });
  await begin('changes', 'partitions', 'topic payments', { topic: 'payments', from: 2, to: 4, assignments: [] });
  await begin('rocketmq-changes', 'scale-in', 'broker-b', {});
  await begin('rocketmq-changes', 'name-servers', 'a:1 to b:1', { add: 'b:1', remove: 'a:1' });
  const { changes } = await unfinishedChanges(folder.path, [free], given);
  expect(changes.map(({ resume = '' }) => resume).toSorted((one, other) => one.localeCompare(other))).toEqual([
    'plimsoll ops kafka partitions --topic payments --to 4 --cluster orders --execute',
    'plimsoll ops kafka reassign --cluster orders --resume',
    'plimsoll ops offsets reset --group billing --cluster orders --resume',
    'plimsoll ops rocketmq name-servers --replace a:1=b:1 --cluster orders --resume',
    'plimsoll ops rocketmq scale-in --broker broker-b --cluster orders --resume',
  ]);
});

test('a journal that cannot be read is named, and hides no other folder', async () => {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'plimsoll-test-unfinished-'));
  await mkdir(join(folder.path, 'kafka-changes'));
  await writeFile(join(folder.path, 'kafka-changes', 'torn.json'), '{"schemaVersion":');
  await begun(folder.path, 'changes', abTest());
  const { changes, unread } = await unfinishedChanges(folder.path, [free], given);
  expect(changes).toHaveLength(1);
  expect(unread.join()).toContain('torn.json is not JSON');
});
