// Exports the replication lag of slaves and the number of in-sync replicas.

import type { RocketmqBroker, RocketmqDetails } from '../../../brokers/rocketmq/details.ts';
import type { HaStatus } from '../../../brokers/rocketmq/protocol/broker-requests.ts';
import { type ClusterCollector, known, labelled, type Measurement } from '../../collector.ts';
import { behindOf, commitLogEnds } from './commit-log-ends.ts';
import { fromDetails } from './from-details.ts';

const { gauge } = labelled('broker');

export const rocketmqReplication = {
  of: 'rocketmq',
  source: 'GET_BROKER_RUNTIME_INFO; GET_BROKER_HA_STATUS and CONTROLLER_GET_SYNC_STATE_DATA on 5.x',
  cost: '1 request per master on 5.x, 1 per controller',
  metrics: {
    rocketmq_replica_behind_bytes: gauge(
      'Replication lag of the slave in bytes of the commit log: the difference of the ends, read one after the other. Never below 0.',
    ),
    rocketmq_ha_slaves: gauge('Slaves connected to the master (5.x).', 'slaves'),
    rocketmq_ha_in_sync_slaves: gauge('Slaves in sync according to the master (5.x).', 'slaves'),
    rocketmq_ha_max_behind_bytes: gauge(
      'Bytes that the slave with the highest lag has not acknowledged, as the master counts them (5.x).',
    ),
    rocketmq_ha_slave_behind_bytes: labelled('broker', 'slave').gauge(
      'Bytes the slave has not acknowledged, as the master counts them (5.x). Absent where slaves share an address and cannot be distinguished.',
    ),
    rocketmq_ha_transferred_bytes_per_second: gauge(
      'Bytes the master sends to its slaves, as it counts them itself (5.x).',
    ),
    rocketmq_sync_state_set_size: gauge(
      'Replicas in the SyncStateSet of the broker name, including its master (controller mode).',
      'copies',
    ),
    rocketmq_sync_state_set_missing: gauge('Replicas outside the SyncStateSet that the controller knows.', 'copies'),
    rocketmq_controller_master_epoch: gauge(
      'Epoch of the master of the broker name; it grows with each election of the controller.',
      'elections',
    ),
  },

  collect({ snapshot }) {
    const ends = commitLogEnds(snapshot);
    return fromDetails(snapshot, (details) => replicationOf(details, ends));
  },
} satisfies ClusterCollector;

function* replicationOf(
  { brokers, syncStateSets }: RocketmqDetails,
  ends: ReadonlyMap<string, bigint>,
): Iterable<Measurement> {
  for (const copies of Map.groupBy(brokers, ({ brokerName }) => brokerName).values()) {
    const slaves = copies.filter(({ brokerId }) => brokerId !== 0);
    const master = copies.find(({ brokerId }) => brokerId === 0);
    const end = master === undefined ? undefined : ends.get(master.id);
    for (const { id } of slaves) yield* known('rocketmq_replica_behind_bytes', [id], behindOf(end, ends.get(id)));
    if (master?.ha !== undefined) yield* haOf(master.id, master.ha, slaves);
  }
  for (const { brokerName, masterEpoch, inSync, notInSync } of syncStateSets) {
    yield { metric: 'rocketmq_sync_state_set_size', labels: [brokerName], value: inSync.length };
    yield* known('rocketmq_sync_state_set_missing', [brokerName], notInSync?.length);
    yield { metric: 'rocketmq_controller_master_epoch', labels: [brokerName], value: masterEpoch };
  }
}

function* haOf(master: string, ha: HaStatus, slaves: readonly RocketmqBroker[]): Iterable<Measurement> {
  const labels = [master];
  yield { metric: 'rocketmq_ha_slaves', labels, value: ha.slaves.length };
  yield { metric: 'rocketmq_ha_in_sync_slaves', labels, value: ha.inSyncSlaves };
  const rate = ha.slaves.reduce((sum, { bytesPerSecond }) => sum + bytesPerSecond, 0);
  yield { metric: 'rocketmq_ha_transferred_bytes_per_second', labels, value: rate };
  const furthest = ha.slaves.map(({ behindBytes }) => clamp(behindBytes)).toSorted(descending)[0];
  yield* known('rocketmq_ha_max_behind_bytes', labels, furthest);
  for (const { address, behindBytes } of ha.slaves) {
    const slave = slaveAt(address, slaves, ha);
    if (slave === undefined) continue;
    yield { metric: 'rocketmq_ha_slave_behind_bytes', labels: [master, slave.id], value: clamp(behindBytes) };
  }
}

/** The connection has an ephemeral port: only its host identifies the slave, unless there is only one slave. */
function slaveAt(address: string, slaves: readonly RocketmqBroker[], ha: HaStatus): RocketmqBroker | undefined {
  if (slaves.length === 1 && ha.slaves.length === 1) return slaves[0];
  const sameHost = slaves.filter((slave) => hostOf(slave.address) === hostOf(address));
  const connections = ha.slaves.filter((each) => hostOf(each.address) === hostOf(address));
  return sameHost.length === 1 && connections.length === 1 ? sameHost[0] : undefined;
}

/** Java prints the address of a connection as `/10.0.0.7:41234` or `name/10.0.0.7:41234`. */
const hostOf = (address: string) => address.replace(/^.*\//, '').replace(/:\d+$/, '');
const clamp = (bytes: bigint) => (bytes > 0n ? bytes : 0n);
const descending = (a: bigint, b: bigint) => (a < b ? 1 : a > b ? -1 : 0);
