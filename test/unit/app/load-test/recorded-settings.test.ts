import { expect, test } from 'vitest';
import { driftOf, fingerprintOf } from '../../../../analyzer/evidence/fingerprint.ts';
import { recordedSettings } from '../../../../app/load-test/recorded-settings.ts';

const process = (id: string, values: Record<string, string>) => ({
  of: 'broker' as const,
  id,
  values: new Map(Object.entries(values)),
});
const recorded = recordedSettings(
  {
    processes: [
      process('1', { 'node.id': '1', 'num.io.threads': '8', 'ssl.keystore.password': '(hidden)' }),
      process('2', { 'node.id': '2', 'num.io.threads': '8', brokerRole: 'SLAVE' }),
      { of: 'name-server', id: '10.0.0.1:9876', values: new Map([['listenPort', '9876']]) },
    ],
    notices: ['broker 3 did not answer'],
  },
  [{ broker: '1', jvm: { version: '21', flags: ['-Xmx6g'] }, cpuLimitCores: 1.5 }, { broker: '2' }],
);
const printOf = (settings: typeof recorded | undefined) =>
  fingerprintOf({
    id: 'a',
    cluster: 'a',
    workload: {},
    environment: { hosts: [], brokers: [] },
    ...(settings && { settings }),
  });

test('keeps equal settings once, and leaves out secrets and values that change by themselves', () => {
  expect(recorded).toEqual({
    read: ['1', '2'],
    shared: { 'num.io.threads': '8' },
    own: { '1': { 'node.id': '1' }, '2': { 'node.id': '2' } },
    jvms: { '1': { version: '21', flags: ['-Xmx6g'], cpuLimitCores: 1.5 } },
    unread: ['broker 3 did not answer'],
  });
});

test('each setting is a line of the fingerprint', () => {
  expect(printOf(recorded)).toEqual({
    'broker.settings.node.id@1': '1',
    'broker.settings.node.id@2': '2',
    'broker.settings.num.io.threads': '8',
    'broker.settings.of': '1, 2',
    'jvm.1.cpuLimitCores': '1.5',
    'jvm.1.flags': '-Xmx6g',
    'jvm.1.version': '21',
  });
});

test('a run from before settings were recorded differs in one line, not in hundreds', () => {
  expect(driftOf(printOf(undefined), printOf({ ...recorded, jvms: {} }))).toEqual([
    { setting: 'broker.settings.of', b: '1, 2' },
  ]);
});

test('compares a setting that only one broker changed with the former shared value', () => {
  const changed = recordedSettings(
    {
      processes: [
        process('1', { 'node.id': '1', 'num.io.threads': '8' }),
        process('2', { 'node.id': '2', 'num.io.threads': '4' }),
      ],
      notices: [],
    },
    [{ broker: '1', jvm: { version: '21', flags: ['-Xmx6g'] }, cpuLimitCores: 1.5 }, { broker: '2' }],
  );
  expect(driftOf(printOf(recorded), printOf(changed))).toEqual([
    { setting: 'broker.settings.num.io.threads@2', a: '8', b: '4' },
  ]);
});

test('masters that wait for a slave are another set-up, whichever broker is the elected master', () => {
  const printOfRoles = (...roles: string[]) =>
    printOf(
      recordedSettings(
        {
          processes: roles.map((brokerRole, index) =>
            process(`broker-a:${index}`, { flushDiskType: 'ASYNC_FLUSH', brokerRole }),
          ),
          notices: [],
        },
        [],
      ),
    );
  const waiting = printOfRoles('SYNC_MASTER', 'SLAVE');
  expect(driftOf(printOfRoles('ASYNC_MASTER', 'SLAVE'), waiting)).toEqual([
    { setting: 'broker.settings.brokerRole', a: 'ASYNC_MASTER', b: 'SYNC_MASTER' },
  ]);
  expect(driftOf(printOfRoles('SLAVE', 'SYNC_MASTER'), waiting)).toEqual([]);
  // A run from before the role was recorded.
  expect(driftOf(printOfRoles('SLAVE', 'SLAVE'), waiting)).toEqual([]);
});

test('keeps the topics that store messages longest, with and without a size limit', () => {
  const day = 86_400_000n;
  const topic = (name: string, retentionMs?: bigint, more: object = {}) => ({
    topic: name,
    cleanupPolicy: 'delete',
    ...(retentionMs !== undefined && { retentionMs }),
    ...more,
  });
  const others = [
    topic('orders', 3n * day),
    topic('audit', 30n * day),
    topic('small', undefined, { retentionBytes: 1_000_000n }),
    // None of these decides how full the disks get.
    topic('prices', undefined, { cleanupPolicy: 'compact' }),
    topic('tiered', 90n * day, { isTiered: true as const }),
    topic('_schemas'),
  ];
  const kept = (given: typeof others) =>
    recordedSettings({ processes: [], notices: [], others: given }, []).longestRetention;
  expect(kept(others)).toEqual([
    { topic: 'audit', seconds: 2_592_000, hasSizeLimit: false },
    { topic: 'small', hasSizeLimit: true },
  ]);
  expect(kept(others.slice(3))).toBeUndefined();
  expect(kept([topic('forever', 2n ** 63n - 1n), ...others])?.[0]).toEqual({ topic: 'forever', hasSizeLimit: false });
});

test('counts topics of users whose settings were refused', () => {
  const others = [{ topic: 'orders', cleanupPolicy: 'delete' }];
  const unread = (...otherNames: string[]) =>
    recordedSettings({ processes: [], notices: [], others, otherNames }, []).unreadTopics;
  expect(unread('orders', 'audit', 'clicks', '__consumer_offsets', 'count-repartition')).toBe(2);
  expect(unread('orders', '_schemas')).toBeUndefined();
});

test('keeps min.insync.replicas of existing topics', () => {
  const topics = [{ topic: 'orders', minInSyncReplicas: 2 }, { topic: 'unread' }];
  expect(recordedSettings({ processes: [], notices: [], topics }, []).minInSyncReplicas).toEqual({ orders: 2 });
  expect(recorded).not.toHaveProperty('minInSyncReplicas');
});

test('fewer allowed CPUs are drift, unless the older run did not record them', () => {
  const confinedTo = (allowedCpus?: number) => {
    const jvm = { flags: [], ...(allowedCpus !== undefined && { allowedCpus }) };
    return printOf({ ...recorded, jvms: { '1': jvm } });
  };
  expect(driftOf(confinedTo(16), confinedTo(4))).toEqual([{ setting: 'jvm.1.allowedCpus', a: '16', b: '4' }]);
  expect(driftOf(confinedTo(), confinedTo(4))).toEqual([]);
});
