import { expect, test } from 'vitest';
import type { GcLogReading } from '../../../../core/documents/evidence/gc-log-reading.ts';
import type { ProcessReading } from '../../../../core/documents/evidence/process-reading.ts';
import { pausedSeconds, watchGc } from '../../../../service/gc/gc-watch.ts';

const at = new Date('2026-11-10T12:00:00.000Z');
const log = (name: string, seconds?: number) => ({
  name,
  unreadBytes: 0,
  totals: {
    pauses: [],
    stopped: seconds === undefined ? [] : [{ reason: 'gc', seconds }],
    fullCollections: [],
    stalls: [],
    evacuationFailures: 0,
  } as unknown as NonNullable<GcLogReading['totals']>,
});
const running = (name: string, ports: readonly number[]) =>
  ({ state: 'running', name, restarts: 0, process: { ports } }) as unknown as ProcessReading;

const addressesOfOrders = [
  { id: 'broker-a:0', address: '10.0.0.1:10911' },
  { id: 'broker-a:1', address: '10.0.0.2:10911' },
];

/** Two clusters on host `a`; one of them also runs on host `b`. */
function watch(ofOrders: () => readonly { id: string; address: string }[] = () => addressesOfOrders) {
  const orders = { 'broker-a:0': { host: 'a' }, 'broker-a:1': { host: 'b' } };
  return watchGc(
    new Map([
      [
        'orders',
        {
          broker: 'rocketmq',
          hosts: orders,
          addresses: ofOrders,
        },
      ],
      [
        'payments',
        {
          broker: 'rocketmq',
          hosts: { 'broker-p:0': { host: 'a' } },
          addresses: () => [{ id: 'broker-p:0', address: '10.0.0.1:11911' }],
        },
      ],
    ]),
  );
}
const processes = [
  running('rocketmq-broker:10909', [10_909, 10_911]),
  running('rocketmq-broker:11909', [11_909, 11_911]),
  running('rocketmq-namesrv', [9876]),
];
const logs = [log('rocketmq-broker:10909', 3), log('rocketmq-broker:11909', 7), log('rocketmq-namesrv', 9)];
const namesOf = (gc: ReturnType<typeof watch>, cluster: string) =>
  gc.of(cluster).flatMap((host) => host.logs.map(({ reading, broker }) => [host.host, reading.name, broker]));

test('a cluster has the logs of its brokers, not those of name servers or other clusters on the host', () => {
  const gc = watch();
  gc.note('a', { gcLogs: logs, processes }, at);
  expect(namesOf(gc, 'orders')).toEqual([['a', 'rocketmq-broker:10909', 'broker-a:0']]);
  expect(namesOf(gc, 'payments')).toEqual([['a', 'rocketmq-broker:11909', 'broker-p:0']]);
});

test('a cluster keeps the logs of its brokers after a process has ended', () => {
  const gc = watch();
  gc.note('a', { gcLogs: logs, processes }, at);
  const ended = {
    state: 'gone',
    name: 'rocketmq-namesrv',
    restarts: 0,
    reason: 'process 7 has ended',
  } as ProcessReading;
  gc.note('a', { gcLogs: logs, processes: [...processes.slice(0, 2), ended] }, at);
  expect(namesOf(gc, 'orders')).toEqual([['a', 'rocketmq-broker:10909', 'broker-a:0']]);
});

test('a cluster without a reading does not get the broker logs of another cluster', () => {
  const gc = watch(() => []);
  gc.note('a', { gcLogs: logs, processes }, at);
  expect(namesOf(gc, 'orders').map(([, name]) => name)).toEqual(['rocketmq-broker:10909', 'rocketmq-namesrv']);
});

test('a broker that is down does not add logs of other processes on its host', () => {
  let isUp = true;
  const gc = watch(() => (isUp ? addressesOfOrders : []));
  gc.note('a', { gcLogs: logs, processes }, at);
  expect(namesOf(gc, 'orders')).toHaveLength(1);
  isUp = false;
  expect(namesOf(gc, 'orders')).toEqual([['a', 'rocketmq-broker:10909', 'broker-a:0']]);
});

test('a log without a broker in its name can belong to any broker of the host', () => {
  const gc = watch();
  gc.note('a', { gcLogs: [log('mine', 3)], processes }, at);
  expect(namesOf(gc, 'orders')).toEqual([['a', 'mine', undefined]]);
});

test('pauses are summed over the logs of the brokers of a cluster', () => {
  const gc = watch();
  gc.note('a', { gcLogs: logs, processes }, at);
  gc.note('b', { gcLogs: [log('rocketmq-broker')], processes: [running('rocketmq-broker', [10_909, 10_911])] }, at);
  gc.note('c', { gcLogs: logs }, at);
  expect(pausedSeconds(gc.of('orders'))).toEqual(
    new Map([
      ['a/rocketmq-broker:10909', 3],
      ['b/rocketmq-broker', 0],
    ]),
  );
  expect(pausedSeconds(gc.of('other'))).toBeUndefined();
});

test('a reading without logs keeps the known values, and an unread log is not zero', () => {
  const gc = watch();
  gc.note('a', { gcLogs: [log('rocketmq-broker:10909', 3), { name: 'new', unreadBytes: 0 }], processes }, at);
  gc.note('a', {}, at);
  expect(pausedSeconds(gc.of('orders'))).toEqual(new Map([['a/rocketmq-broker:10909', 3]]));
});
