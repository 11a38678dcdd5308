import { mkdir, mkdtempDisposable, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { ListedCluster } from '../../../../app/change/listed-cluster.ts';
import {
  unfinishedChanges,
  unfinishedText,
  type UnfinishedChanges,
} from '../../../../app/change/unfinished-changes.ts';
import { ClusterConfig } from '../../../../brokers/config.ts';
import type { LeaseStatus } from '../../../../core/documents/change-leases.ts';
import { beginJournal, journalFile, newJournal, putAside, type ChangeJournal } from '../../../../ops/change/journal.ts';

const at = new Date('2026-11-22T18:00:00Z');
const kafka = (bootstrap: string): ClusterConfig => ClusterConfig.parse({ broker: 'kafka', bootstrap: [bootstrap] });
const free: LeaseStatus = { cluster: 'orders', state: 'free' };
const orders: ListedCluster = { lease: free, config: kafka('orders-1:9092'), isAddressed: false };
const id = 'MkU3OEVBNTcwNTJENDM2Qg';
/** The cluster as named by `--bootstrap`. */
const addressed: ListedCluster = { ...orders, lease: { ...free, cluster: 'kafka' }, clusterId: id, isAddressed: true };
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

test('lists a killed ab-test with the changed setting and the command that restores it', async () => {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'plimsoll-test-unfinished-'));
  const file = await begun(folder.path, 'changes', abTest('5b1f'));
  const { changes, unread } = await unfinishedChanges(folder.path, [orders], { ...given, config: 'my config.yaml' });
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

test('a change without borrowed settings shows the steps that are done and not rolled back', async () => {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'plimsoll-test-unfinished-'));
  const journal = newJournal({ cluster: 'orders', change: 'scale-in', subject: 'broker-b', facts: {} }, at);
  const times = { begunAt: at.toISOString(), evidence: [] };
  const doneAt = at.toISOString();
  journal.steps = [
    { ...times, id: 'stop-writes', doneAt },
    { ...times, id: 'reset-flag', doneAt, undoneAt: doneAt },
    { ...times, id: 'drain' },
  ];
  await begun(folder.path, 'rocketmq-changes', journal);
  const { changes } = await unfinishedChanges(folder.path, [orders], given);
  expect(changes).toMatchObject([{ stepsDone: ['stop-writes'], borrowed: [] }]);
  expect(unfinishedText(changes, { colours: false })).toMatch(/STEPS DONE +BORROWED SETTINGS\n.* stop-writes +-/);
});

test('a reassignment after which another one began is only rolled back', async () => {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'plimsoll-test-unfinished-'));
  const names = { cluster: 'orders', change: 'reassign', subject: 'topic orders' };
  await begun(folder.path, 'kafka-changes', newJournal({ ...names, facts: {} }, at));
  const listed = async (startedAt: string) => {
    const lease: LeaseStatus = { ...free, placedBy: { startedAt, by: 'bob on ops-2' } };
    return (await unfinishedChanges(folder.path, [{ ...orders, lease }], given)).changes[0];
  };
  const abort = 'plimsoll ops kafka reassign --cluster orders --abort';
  const resume = 'plimsoll ops kafka reassign --cluster orders --resume';
  expect(await listed(at.toISOString())).toMatchObject({ abort, resume });
  const later = await listed('2026-11-22T19:00:00.000Z');
  expect(later).toMatchObject({ abort });
  expect(later).not.toHaveProperty('resume');
});

const leaseId = '2d9a5d5c-7e5e-4a4e-8d8c-0d6a1c9f6c11';
const heldBy = (id: string, heartbeatAgeSeconds: number): LeaseStatus => ({
  cluster: 'orders',
  state: 'held',
  heartbeatAgeSeconds,
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
});

test('a change whose process renews the lease is running', async () => {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'plimsoll-test-unfinished-'));
  await begun(folder.path, 'changes', abTest(leaseId));
  const found = await unfinishedChanges(folder.path, [{ ...orders, lease: heldBy(leaseId, 1) }], given);
  expect(found.changes.map(({ state }) => state)).toEqual(['running']);
});

test.each(['its own', 'that of another'])(
  'after a kill a change is stopped, and ending it takes over the expired lease: %s',
  async (whose) => {
    await using folder = await mkdtempDisposable(join(tmpdir(), 'plimsoll-test-unfinished-'));
    await begun(folder.path, 'changes', abTest(whose === 'its own' ? leaseId : '5b1f'));
    const found = await unfinishedChanges(folder.path, [{ ...orders, lease: heldBy(leaseId, 60) }], given);
    expect(found.changes).toMatchObject([
      { state: 'stopped', abort: 'plimsoll ab-test num.io.threads=8,16 --cluster orders --take-over --abort' },
    ]);
    expect(unfinishedText(found.changes, { colours: false })).toContain('--take-over --abort');
  },
);

test('does not list ended changes and changes of other clusters', async () => {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'plimsoll-test-unfinished-'));
  const journal = abTest();
  await putAside(await begun(folder.path, 'changes', journal), journal);
  const other = { ...abTest(), cluster: 'payments' };
  await begun(folder.path, 'rocketmq-changes', other);
  expect((await unfinishedChanges(folder.path, [orders], given)).changes).toEqual([]);
});

test('names the right command to continue each kind of change', async () => {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'plimsoll-test-unfinished-'));
  const begin = (kind: Parameters<typeof journalFile>[1], change: string, subject: string, facts: object) =>
    begun(folder.path, kind, newJournal({ cluster: 'orders', change, subject, facts }, at));
  await begin('kafka-changes', 'reassign', 'topic payments', {});
  await begin('changes', 'offsets', 'group billing', { group: 'billing' });
  await begin('changes', 'partitions', 'topic payments', { topic: 'payments', from: 2, to: 4, assignments: [] });
  await begin('rocketmq-changes', 'scale-in', 'broker-b', {});
  await begin('rocketmq-changes', 'name-servers', 'a:1 to b:1', { add: 'b:1', remove: 'a:1' });
  const found = await unfinishedChanges(folder.path, [orders], given);
  expect(resumed(found)).toEqual([
    'plimsoll ops kafka partitions --topic payments --to 4 --cluster orders --execute',
    'plimsoll ops kafka reassign --cluster orders --resume',
    'plimsoll ops offsets reset --group billing --cluster orders --resume',
    'plimsoll ops rocketmq name-servers --replace a:1=b:1 --cluster orders --resume',
    'plimsoll ops rocketmq scale-in --broker broker-b --cluster orders --resume',
  ]);
});

test('a killed --abort is run again, and a commit of received messages cannot be continued', async () => {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'plimsoll-test-unfinished-'));
  const begin = (change: string, subject: string, facts: object) =>
    begun(folder.path, 'changes', newJournal({ cluster: 'orders', change, subject, facts }, at));
  await begin('reassign --abort', 'cluster', { undone: ['payments-0: move to 3 is cancelled'] });
  await begin('receive', 'group billing', { group: 'billing', topic: 'payments', next: ['0: 7'] });
  const { changes } = await unfinishedChanges(folder.path, [orders], given);
  expect(Object.fromEntries(changes.map(({ change, resume, abort }) => [change, { resume, abort }]))).toEqual({
    'reassign --abort': { resume: undefined, abort: 'plimsoll ops kafka reassign --cluster orders --abort' },
    receive: { resume: undefined, abort: undefined },
  });
});

/** Begins changes of each kind, on a cluster given by address and on one of the config file. */
async function beginAtAddress(folder: string): Promise<void> {
  const begin = (kind: Parameters<typeof journalFile>[1], of: Parameters<typeof newJournal>[0]) =>
    begun(folder, kind, newJournal({ ...of, clusterId: id }, at));
  await begin('kafka-changes', { cluster: id, change: 'reassign', subject: 'topic payments', facts: {} });
  await begin('changes', { cluster: 'kafka', change: 'offsets', subject: 'billing', facts: { group: 'billing' } });
  await begin('rocketmq-changes', { cluster: 'orders', change: 'queues', subject: 'payments', facts: {} });
}

const resumed = ({ changes }: UnfinishedChanges) =>
  changes.map(({ resume = '' }) => resume).toSorted((one, other) => one.localeCompare(other));

test('recognizes the cluster at an address by its id, whatever its name when the change began', async () => {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'plimsoll-test-unfinished-'));
  await beginAtAddress(folder.path);
  await begun(folder.path, 'changes', { ...abTest(), cluster: 'kafka', clusterId: 'of-another-cluster' });
  const found = await unfinishedChanges(folder.path, [addressed], given);
  expect(found.changes.map(({ cluster }) => cluster)).toEqual(['kafka', 'kafka', 'kafka']);
  expect(resumed(found)).toEqual([
    'plimsoll ops kafka reassign --bootstrap orders-1:9092 --resume',
    'plimsoll ops offsets reset --group billing --bootstrap orders-1:9092 --resume',
    'plimsoll ops rocketmq queues --topic payments --cluster orders --resume',
  ]);
});

test('a cluster of the config file lists the changes that were begun with its address', async () => {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'plimsoll-test-unfinished-'));
  await beginAtAddress(folder.path);
  const twin = { ...orders, lease: { ...free, cluster: 'orders-eu' }, clusterId: id };
  const found = await unfinishedChanges(folder.path, [{ ...orders, clusterId: id }, twin], {
    ...given,
    config: 'plimsoll.yaml',
  });
  expect(found.changes.map(({ cluster }) => cluster)).toEqual(['orders', 'orders', 'orders']);
  expect(resumed(found)).toEqual([
    'plimsoll ops kafka reassign --bootstrap orders-1:9092 --resume',
    'plimsoll ops offsets reset --group billing --bootstrap orders-1:9092 --resume',
    'plimsoll ops rocketmq queues --topic payments --config plimsoll.yaml --cluster orders --resume',
  ]);
});

test('shows the last entry of the journal with its time, also if no broker answers', async () => {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'plimsoll-test-unfinished-'));
  const journal = abTest();
  journal.log = ['set 8', 'rolled back, because: no such topic\u001b[2J'].map((says) => ({
    at: at.toISOString(),
    says,
  }));
  await begun(folder.path, 'changes', journal);
  const lease: LeaseStatus = { cluster: 'orders', state: 'unknown', reason: 'orders-1:9092 refused the connection' };
  const { changes } = await unfinishedChanges(folder.path, [{ ...orders, lease }], given);
  expect(changes).toMatchObject([{ state: 'unknown', last: journal.log[1] }]);
  expect(unfinishedText(changes, { colours: false })).toContain(
    'last journal entry of ab-test of num.io.threads: 2026-11-22T18:00:00.000Z rolled back, because: no such topic·[2J\n',
  );
});

test('lists all changes begun at an address if its brokers do not answer', async () => {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'plimsoll-test-unfinished-'));
  await beginAtAddress(folder.path);
  const silent: ListedCluster = {
    config: orders.config,
    lease: { cluster: 'kafka', state: 'unknown', reason: 'orders-1:9092 refused the connection' },
    isAddressed: true,
  };
  const { changes } = await unfinishedChanges(folder.path, [silent], given);
  expect(changes.map(({ change, state }) => `${change} ${state}`).toSorted()).toEqual([
    'offsets unknown',
    'reassign unknown',
  ]);
});

test('names an unreadable journal, and still lists the changes of other folders', async () => {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'plimsoll-test-unfinished-'));
  await mkdir(join(folder.path, 'kafka-changes'));
  await writeFile(join(folder.path, 'kafka-changes', 'torn.json'), '{"schemaVersion":');
  await begun(folder.path, 'changes', abTest());
  const { changes, unread } = await unfinishedChanges(folder.path, [orders], given);
  expect(changes).toHaveLength(1);
  expect(unread.join()).toContain('torn.json is not JSON');
});
