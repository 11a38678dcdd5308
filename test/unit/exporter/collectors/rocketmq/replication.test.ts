import { expect, test } from 'vitest';
import type { RocketmqBroker } from '../../../../../brokers/rocketmq/details.ts';
import type { HaStatus } from '../../../../../brokers/rocketmq/protocol/broker-requests.ts';
import { rocketmqDledger } from '../../../../../exporter/collectors/rocketmq/dledger.ts';
import { rocketmqReplication } from '../../../../../exporter/collectors/rocketmq/replication.ts';
import { brokerWith, runtimeWith, snapshotWith } from '../../../../support/rocketmq-snapshot.ts';
import { seriesOf } from '../../../../support/series-of.ts';

const at = (id: string, end: string | undefined, over: Partial<RocketmqBroker> = {}) =>
  brokerWith({ id, ...(end !== undefined && { runtime: runtimeWith('4.9.7', { commitLogMaxOffset: end }) }), ...over });
const replication = (metric: string, ...brokers: RocketmqBroker[]) =>
  seriesOf(rocketmqReplication, snapshotWith({ brokers }), metric);

test('the lag of a slave is the exact difference of the log ends', () => {
  const behind = replication(
    'rocketmq_replica_behind_bytes',
    at('a:0', '9007199254740993'),
    at('a:1', '9007199254740990'),
  );
  expect(behind).toEqual({ 'a:1': 3n });
});

test('a slave that was read after its master and is ahead has a lag of 0', () => {
  expect(replication('rocketmq_replica_behind_bytes', at('a:0', '5'), at('a:1', '8'))).toEqual({ 'a:1': 0n });
});

test('the lag of a slave is unknown without its master or its own response', () => {
  expect(replication('rocketmq_replica_behind_bytes', at('a:1', '8'), at('b:0', '5'), at('b:1', undefined))).toEqual(
    {},
  );
});

const connection = (address: string, behindBytes: bigint): HaStatus['slaves'][number] => ({
  address,
  behindBytes,
  ackOffset: 0n,
  inSync: false,
  bytesPerSecond: 100,
});
const withHa = (...slaves: HaStatus['slaves']) =>
  at('a:0', undefined, { ha: { masterCommitLogMaxOffset: 100n, inSyncSlaves: 1, slaves } });

test("the master's report about its slaves is exported by master, and by slave if the host identifies it", () => {
  const slaves = [
    at('a:1', undefined, { address: '10.0.0.1:10911' }),
    at('a:2', undefined, { address: '10.0.0.2:10911' }),
  ];
  const snapshot = snapshotWith({
    brokers: [withHa(connection('10.0.0.1:40001', 7n), connection('10.0.0.2:40002', 90n)), ...slaves],
  });
  expect(seriesOf(rocketmqReplication, snapshot)).toEqual({
    'rocketmq_ha_slaves a:0': 2,
    'rocketmq_ha_in_sync_slaves a:0': 1,
    'rocketmq_ha_transferred_bytes_per_second a:0': 200,
    'rocketmq_ha_max_behind_bytes a:0': 90n,
    'rocketmq_ha_slave_behind_bytes a:0 a:1': 7n,
    'rocketmq_ha_slave_behind_bytes a:0 a:2': 90n,
  });
});

test('slaves on one host are indistinguishable, so only the largest lag is exported', () => {
  const slaves = [
    at('a:1', undefined, { address: '10.0.0.1:10911' }),
    at('a:2', undefined, { address: '10.0.0.1:10921' }),
  ];
  const master = withHa(connection('10.0.0.1:40001', 7n), connection('10.0.0.1:40002', 90n));
  expect(replication('rocketmq_ha_slave_behind_bytes', master, ...slaves)).toEqual({});
  expect(replication('rocketmq_ha_max_behind_bytes', master, ...slaves)).toEqual({ 'a:0': 90n });
});

test('a master without connected slaves has 0 slaves and no lag', () => {
  const snapshot = snapshotWith({ brokers: [withHa()] });
  expect(seriesOf(rocketmqReplication, snapshot, 'rocketmq_ha_slaves')).toEqual({ 'a:0': 0 });
  expect(seriesOf(rocketmqReplication, snapshot, 'rocketmq_ha_max_behind_bytes')).toEqual({});
});

test('the SyncStateSet is exported by broker name', () => {
  const snapshot = snapshotWith({
    syncStateSets: [{ brokerName: 'a', masterEpoch: 7, replicas: [], inSync: ['a:2', 'a:1'], notInSync: ['a:3'] }],
  });
  expect(seriesOf(rocketmqReplication, snapshot)).toEqual({
    'rocketmq_sync_state_set_size a': 2,
    'rocketmq_sync_state_set_missing a': 1,
    'rocketmq_controller_master_epoch a': 7,
  });
});

test('the number of replicas outside the SyncStateSet is unknown if a 5.0 controller does not report them', () => {
  const snapshot = snapshotWith({
    syncStateSets: [{ brokerName: 'a', masterEpoch: 7, replicas: [], inSync: ['a:1'] }],
  });
  expect(seriesOf(rocketmqReplication, snapshot)).toEqual({
    'rocketmq_sync_state_set_size a': 1,
    'rocketmq_controller_master_epoch a': 7,
  });
});

const member = (id: string, self: string, end: string | undefined) =>
  at(id, end, {
    config: new Map([
      ['enableDLegerCommitLog', 'true'],
      ['dLegerSelfId', self],
    ]),
  });
const dledger = (...brokers: RocketmqBroker[]) => seriesOf(rocketmqDledger, snapshotWith({ brokers }));
/** Runtime info of `a:0`, kept from before. */
const kept = { section: 'runtime', broker: 'a:0', kind: 'kept', ageSeconds: 10 } as const;
const unanswered = { ...kept, isUnreachable: true } as const;

test('DLedger members keep their name when leadership, and with it the broker id, moves', () => {
  expect(dledger(member('a:0', 'n0', '100'), member('a:2', 'n1', '90'))).toEqual({
    'rocketmq_dledger_leader a n0': 1,
    'rocketmq_dledger_behind_bytes a n0': 0n,
    'rocketmq_dledger_leader a n1': 0,
    'rocketmq_dledger_behind_bytes a n1': 10n,
  });
  expect(dledger(member('a:1', 'n0', '100'), member('a:0', 'n1', '120'))).toMatchObject({
    'rocketmq_dledger_leader a n1': 1,
    'rocketmq_dledger_behind_bytes a n0': 20n,
  });
});

test('a leader that is gone no longer counts as leader, even if a name server still lists it', () => {
  const brokers = [member('a:0', 'n0', undefined), member('a:2', 'n1', '90')];
  const sections = [{ ...unanswered, kind: 'missing' } as const];
  expect(seriesOf(rocketmqDledger, snapshotWith({ brokers }, { sections }))).toEqual({
    'rocketmq_dledger_leader a n1': 0,
  });
});

test('kept values count neither for the leader nor for the lag of a follower', () => {
  const brokers = [member('a:0', 'n0', '100'), member('a:2', 'n1', '90')];
  const snapshot = snapshotWith({ brokers }, { sections: [unanswered] });
  expect(seriesOf(rocketmqDledger, snapshot)).toEqual({ 'rocketmq_dledger_leader a n1': 0 });
  expect(seriesOf(rocketmqReplication, snapshot)).toEqual({});
});

test('with unread settings of the leader, who leads is unknown, while the lag of the others is exported', () => {
  expect(dledger(at('a:0', '100'), member('a:2', 'n1', '90'), member('b:0', 'n0', '5'))).toEqual({
    'rocketmq_dledger_behind_bytes a n1': 10n,
    'rocketmq_dledger_leader b n0': 1,
    'rocketmq_dledger_behind_bytes b n0': 0n,
  });
});

test('a leader that refuses to report is not gone, so who leads is unknown', () => {
  const brokers = [member('a:0', 'n0', '100'), member('a:2', 'n1', '90')];
  expect(seriesOf(rocketmqDledger, snapshotWith({ brokers }, { sections: [kept] }))).toEqual({});
});

test('a member listed under its old and new id is exported once', () => {
  expect(dledger(member('a:0', 'n1', '100'), member('a:2', 'n1', '100'))).toEqual({
    'rocketmq_dledger_leader a n1': 1,
    'rocketmq_dledger_behind_bytes a n1': 0n,
  });
});

test('a broker without DLedger has no member series', () =>
  expect(dledger(at('a:0', '5', { config: new Map() }))).toEqual({}));
