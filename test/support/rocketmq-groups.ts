// Builds load tests of two RocketMQ groups with three brokers each, with elected or fixed masters.

import { goCase, measured, recordedRun, soonConfirmed, withoutBrokers } from './go-case.ts';
import type { PlacedRun } from './placed-run.ts';

/** Addresses of the members: in a DLedger group, the master has id 0, and others the number in dLegerSelfId plus one. */
export const members: Readonly<Record<string, string>> = {
  'broker-a:0': '10.0.0.1',
  'broker-a:2': '10.0.0.2',
  'broker-a:3': '10.0.0.3',
  'broker-b:0': '10.0.1.1',
  'broker-b:2': '10.0.1.2',
  'broker-b:3': '10.0.1.3',
};
export const ids = Object.keys(members);
/** Settings as brokers report them. */
export const valuesOf =
  (addresses: Readonly<Record<string, string>>, elects = true, ofMaster: Readonly<Record<string, string>> = {}) =>
  (id: string) => {
    const [brokerName = '', brokerId = ''] = id.split(':');
    const brokerIP1 = addresses[id] ?? '';
    return {
      brokerName,
      brokerId,
      brokerIP1,
      listenPort: '10911',
      enableDLegerCommitLog: String(elects),
      ...(elects && { dLegerSelfId: `n${Number(brokerIP1.at(-1)) - 1}` }),
      ...(brokerId === '0' ? { brokerRole: 'SYNC_MASTER', ...ofMaster } : { brokerRole: 'SLAVE' }),
    };
  };
export const twoGroups: PlacedRun = {
  broker: 'rocketmq',
  // Brokers of group b cannot sustain the peak without the other group.
  cards: Object.fromEntries(ids.map((id) => [id, id.startsWith('broker-a') ? 6.25e6 : 4e6])),
  rows: ['broker-a', 'broker-b'].map((group) => ({
    leader: `${group}:0`,
    replicas: ids.filter((id) => id.startsWith(group)),
    partitions: 4,
  })),
  groups: 1,
  rates: [600, 800, 1000, 1200, 1400],
  isRecorded: true,
  replicationFactor: 3,
};
/** @param ofMaster settings that only masters have */
export function testedGroups(elects: boolean, ofMaster: Readonly<Record<string, string>> = {}) {
  const values = valuesOf(members, elects, ofMaster);
  const { document, ...recorded } = recordedRun(twoGroups, 1, values);
  // The load generator's default.
  const run = { ...recorded, document: { ...document, workload: { ...document.workload, acks: 'all' as const } } };
  const whole = measured(run);
  const { fingerprint = {} } = whole.analysis;
  return {
    whole,
    settings: goCase.settings.map((each) => ({ ...each, fingerprint })),
    without: (lost: string[], left = values) =>
      measured(withoutBrokers(run, lost, left), soonConfirmed, `without ${lost.join(', ')}`),
  };
}
export const [electing, fixed] = [testedGroups(true), testedGroups(false)];
/** n0 of the group a with n0, n1 and n2 was stopped and n1 elected: the missing id is that of n1. */
export const elected = valuesOf({ ...members, 'broker-a:0': '10.0.0.2', 'broker-a:3': '10.0.0.3' });
/** All members are back: n0 is a follower now. */
export const since = valuesOf({ ...members, 'broker-a:0': '10.0.0.2', 'broker-a:1': '10.0.0.1' });
