import { expect, test } from 'vitest';
import type { ClusterSnapshot } from '../../../../brokers/snapshot.ts';
import type { HostInventory } from '../../../../core/documents/evidence/host-reading.ts';
import { rememberBrokers } from '../../../../service/clusters/broker-presence.ts';
import { liveOf } from '../../../../service/clusters/live-cluster.ts';
import { driftedSettings } from '../../../../service/clusters/live-settings.ts';
import type { LiveCluster } from '../../../../service/status/cluster-status-of.ts';

const at = (second: number) => new Date(Date.UTC(2026, 10, 21, 12, 0, second));
const snapshot = (): ClusterSnapshot => ({
  cluster: {
    name: 'orders',
    kind: 'kafka',
    version: '4.3',
    brokers: ['1', '2'].map((id) => ({ id, address: `b${id}:9092` })),
  },
  topics: [],
  offsets: [],
  groups: [],
  sections: [],
});
const kernel = (version: string) =>
  new Map<string, HostInventory>([['mq-1', { host: 'mq-1', kernel: version, cores: 8 }]]);
const none = new Map<string, HostInventory>();
const load = (second: number): NonNullable<LiveCluster['traffic']> => ({
  produceTps: 7,
  at: at(second),
  source: 'sum(x)',
});
const traffic = (second: number, produceTps?: number) => ({
  at: at(second),
  seconds: 15,
  brokers: new Map(),
  topics: new Map(),
  groups: new Map(),
  ...(produceTps !== undefined && { produceTps }),
});

const served = (over: Partial<Parameters<typeof liveOf>[0]> = {}): Parameters<typeof liveOf>[0] => ({
  last: () => undefined,
  traffic: () => undefined,
  rateAt: () => undefined,
  trouble: () => undefined,
  presence: () => ({ answering: [], lost: [] }),
  ...over,
});

test('own readings take precedence over the monitoring system until they are late', () => {
  const live = (own: ReturnType<typeof traffic> | undefined, told?: LiveCluster['traffic']) =>
    liveOf(served({ traffic: () => own }), { places: {}, hosts: none, ...(told && { load: told }) }).traffic;
  expect(live(undefined)).toBeUndefined();
  expect(live(traffic(0, 5))).toEqual({ produceTps: 5, at: at(0), source: 'exporter' });
  expect(live(traffic(0, 5), load(60))?.source).toBe('exporter');
  expect(live(traffic(0, 5), load(121))?.source).toBe('sum(x)');
  expect(live(traffic(0), load(0))?.source).toBe('sum(x)');
});

test('a cluster that is down has no load, even if the monitoring system still averages one', () => {
  const live = liveOf(
    served({
      trouble: () => ({ at: at(130), reason: 'no broker answered', isDown: true }),
      rateAt: () => at(0),
      presence: () => ({ answering: [], lost: [{ id: '1', lastSeenMs: at(0).getTime() }, { id: '2' }] }),
    }),
    { places: {}, hosts: none, load: load(125) },
  );
  expect(live).toMatchObject({
    isDown: true,
    brokers: { answering: 0, expected: 2 },
    missing: [
      { part: 'broker', id: '1', lastSeenAt: at(0).toISOString() },
      { part: 'broker', id: '2' },
    ],
    rateAt: at(0),
  });
  expect(live).not.toHaveProperty('traffic');
});

test('a lost broker whose id moved to the elected master is shown by its address', () => {
  const members = (ids: Record<string, string>) => Object.entries(ids).map(([address, id]) => ({ id, address }));
  const presence = {
    answering: members({ 'n1:1': 'broker-a:0', 'n2:1': 'broker-a:3' }),
    lost: members({ 'n0:1': 'broker-a:0', 'n3:1': 'broker-b:1' }),
  };
  const { missing } = liveOf(served({ presence: () => presence }), { places: {}, hosts: none });
  expect(missing).toEqual([
    { part: 'broker', id: 'n0:1' },
    { part: 'broker', id: 'broker-b:1' },
  ]);
});

test('settings use the names of a fingerprint and cover only hosts that run brokers', () => {
  const settings = (places: Record<string, { host: string }>) =>
    liveOf(served({ last: () => ({ snapshot: snapshot(), at: at(0) }) }), { places, hosts: kernel('6.1.0') }).settings;
  expect(settings({})).toEqual({ 'broker.count': '2', 'broker.software': 'kafka', 'broker.version': '4.3' });
  expect(settings({ '1': { host: 'mq-1' } })).toMatchObject({ 'hosts.mq-1.kernel': '6.1.0', 'hosts.mq-1.cores': '8' });
});

test('a broker that is down changes no setting', () => {
  const brokers = rememberBrokers();
  const settingsAt = (minute: number, ids: readonly string[]) => {
    const read = {
      ...snapshot(),
      cluster: { ...snapshot().cluster, brokers: ids.map((id) => ({ id, address: `b${id}:9092` })) },
    };
    const nowMs = minute * 60_000;
    brokers.note(read, nowMs);
    const presence = () => brokers.presence(nowMs);
    const last = () => ({ snapshot: read, at: new Date(nowMs) });
    return liveOf(served({ last, presence }), { places: { '2': { host: 'mq-1' } }, hosts: kernel('6.1.0') }).settings;
  };
  const whole = settingsAt(0, ['1', '2']);
  expect(settingsAt(1, ['1'])).toEqual(whole);
  expect(settingsAt(2, ['1', '2', '3'])).toMatchObject({ 'broker.count': '3' });
  expect(settingsAt(2 + 7 * 60, ['1'])).toMatchObject({ 'broker.count': '1' });
});

test('only settings known on both sides can have drifted', () => {
  const before = { 'broker.count': '3', 'client.acks': 'all', 'broker.version': '4.3' };
  expect(driftedSettings(before, { 'broker.count': '2', 'broker.version': '4.3', 'hosts.mq-1.cores': '8' })).toEqual([
    { setting: 'broker.count', before: '3', now: '2' },
  ]);
});
