import { expect, test } from 'vitest';
import type { ClusterSnapshot, Section } from '../../../../brokers/snapshot.ts';
import type { HostInventory } from '../../../../core/documents/evidence/host-reading.ts';
import { liveOf } from '../../../../service/clusters/live-cluster.ts';
import { driftedSettings } from '../../../../service/clusters/live-settings.ts';
import type { LiveCluster } from '../../../../service/standing/standing-of.ts';

const at = (second: number) => new Date(Date.UTC(2026, 10, 21, 12, 0, second));
const snapshot = (sections: readonly Section[] = []): ClusterSnapshot => ({
  cluster: {
    name: 'orders',
    kind: 'kafka',
    version: '4.3',
    brokers: ['1', '2'].map((id) => ({ id, address: `b${id}:9092` })),
  },
  topics: [],
  offsets: [],
  groups: [],
  sections,
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

test('own readings go before the monitoring system, until they are late', () => {
  const live = (own: ReturnType<typeof traffic> | undefined, told?: LiveCluster['traffic']) =>
    liveOf({ last: () => undefined, traffic: () => own }, { places: {}, hosts: none, ...(told && { load: told }) })
      .traffic;
  expect(live(undefined)).toBeUndefined();
  expect(live(traffic(0, 5))).toEqual({ produceTps: 5, at: at(0), source: 'exporter' });
  expect(live(traffic(0, 5), load(60))?.source).toBe('exporter');
  expect(live(traffic(0, 5), load(121))?.source).toBe('sum(x)');
  expect(live(traffic(0), load(0))?.source).toBe('sum(x)');
});

test('brokers are those of which anything was read', () => {
  const section = (broker: string, kind: Section['kind'], name = 'offsets') => ({ section: name, broker, kind });
  const live = (sections: readonly Section[]) =>
    liveOf(
      { last: () => ({ snapshot: snapshot(sections), at: at(0) }), traffic: () => undefined },
      { places: {}, hosts: none },
    ).brokers;
  expect(live([])).toBe(2);
  expect(live([section('1', 'fresh'), section('2', 'missing'), section('2', 'kept', 'log-dirs')])).toBe(1);
  expect(live([section('1', 'fresh'), section('2', 'missing'), section('2', 'fresh', 'log-dirs')])).toBe(2);
});

test('settings are told in the words of a fingerprint, of hosts that brokers run on', () => {
  const settings = (places: Record<string, { host: string }>) =>
    liveOf(
      { last: () => ({ snapshot: snapshot(), at: at(0) }), traffic: () => undefined },
      { places, hosts: kernel('6.1.0') },
    ).settings;
  expect(settings({})).toEqual({ 'broker.count': '2', 'broker.software': 'kafka', 'broker.version': '4.3' });
  expect(settings({ '1': { host: 'mq-1' } })).toMatchObject({ 'hosts.mq-1.kernel': '6.1.0', 'hosts.mq-1.cores': '8' });
});

test('only what both tell can have drifted', () => {
  const before = { 'broker.count': '3', 'client.acks': 'all', 'broker.version': '4.3' };
  expect(driftedSettings(before, { 'broker.count': '2', 'broker.version': '4.3', 'hosts.mq-1.cores': '8' })).toEqual([
    { setting: 'broker.count', before: '3', now: '2' },
  ]);
});
