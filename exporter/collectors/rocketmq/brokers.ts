// Exports the brokers of a RocketMQ cluster, their roles, and whether they respond.

import type { RocketmqBroker, RocketmqDetails } from '../../../brokers/rocketmq/details.ts';
import { acceptsMessages } from '../../../brokers/rocketmq/protocol/name-server-requests.ts';
import { parseRuntimeInfo } from '../../../brokers/rocketmq/runtime-info.ts';
import { type ClusterCollector, known, labelled, type Measurement } from '../../collector.ts';
import { fromDetails, perBroker, sharedRuntime, unreachable } from './from-details.ts';

const roles = ['master', 'slave', 'acting-master'] as const satisfies readonly RocketmqBroker['role'][];

export const rocketmqBrokers = {
  of: 'rocketmq',
  source: 'GET_BROKER_CLUSTER_INFO of a name server, GET_BROKER_RUNTIME_INFO',
  cost: sharedRuntime,
  metrics: {
    rocketmq_brokers: labelled().gauge('Brokers registered with the name servers, masters and slaves.', 'brokers'),
    rocketmq_closed_brokers: labelled('broker_name').gauge(
      'Members of the broker group if brokerPermission of its master refuses messages, else 0.',
      'brokers',
    ),
    rocketmq_broker_up: perBroker.flag(
      '1 if the broker answered for this page or refused, else 0: older values are shown for a limited time.',
    ),
    rocketmq_broker_role: labelled('broker', 'role').flag(
      '1 for the role of the broker, 0 for the others. Broker id 0 is the master; a DLedger leader has this id.',
    ),
    rocketmq_broker_info: labelled('broker', 'broker_name', 'address', 'version').info(
      'Broker name, address and version of each broker; the value is always 1. Joins series with a broker name to series with a broker id.',
    ),
    rocketmq_broker_boot_timestamp_seconds: perBroker.gauge(
      'Time at which the broker opened its store, in seconds since the epoch. Its counters restart from 0 then.',
    ),
  },

  collect: ({ snapshot }) => fromDetails(snapshot, (details) => brokersOf(details, unreachable(snapshot))),
} satisfies ClusterCollector;

function* brokersOf({ brokers }: RocketmqDetails, down: ReadonlySet<string>): Iterable<Measurement> {
  // While its id changes during a failover, a broker may be listed under both ids.
  const listed = new Set(brokers.map(({ brokerName, address }) => `${brokerName} ${address}`));
  yield { metric: 'rocketmq_brokers', labels: [], value: listed.size };
  for (const [brokerName, members] of Map.groupBy(brokers, (broker) => broker.brokerName)) {
    const config = members.find(({ role }) => role === 'master')?.config;
    if (config === undefined) continue;
    const value = acceptsMessages(config) ? 0 : new Set(members.map(({ address }) => address)).size;
    yield { metric: 'rocketmq_closed_brokers', labels: [brokerName], value };
  }
  for (const { id, brokerName, address, role, runtime } of brokers) {
    yield { metric: 'rocketmq_broker_up', labels: [id], value: Number(!down.has(id)) };
    for (const each of roles)
      yield { metric: 'rocketmq_broker_role', labels: [id, each], value: Number(each === role) };
    if (runtime === undefined) continue;
    const { version, bootedAtSeconds } = parseRuntimeInfo(runtime);
    yield { metric: 'rocketmq_broker_info', labels: [id, brokerName, address, version ?? ''], value: 1 };
    yield* known('rocketmq_broker_boot_timestamp_seconds', [id], bootedAtSeconds);
  }
}
