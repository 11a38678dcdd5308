// Exports whether each name server responds, and how many brokers it lists.

import type { RocketmqDetails } from '../../../brokers/rocketmq/details.ts';
import { type ClusterCollector, known, labelled, type Measurement } from '../../collector.ts';
import { fromDetails } from './from-details.ts';

const { gauge, flag } = labelled('name_server');

export const rocketmqNameServers = {
  of: 'rocketmq',
  source: 'GET_BROKER_CLUSTER_INFO',
  cost: '1 request per name server',
  metrics: {
    rocketmq_name_server_up: flag('1 if the name server answered, else 0. Its address is the only name it has.'),
    rocketmq_name_server_brokers: gauge(
      'Brokers registered with the name server, masters and slaves. Differs between name servers while a broker reaches only some of them.',
      'brokers',
    ),
  },

  collect: ({ snapshot }) => fromDetails(snapshot, nameServersOf),
} satisfies ClusterCollector;

function* nameServersOf({ nameServers }: RocketmqDetails): Iterable<Measurement> {
  for (const { address, reachable, brokers } of nameServers) {
    yield { metric: 'rocketmq_name_server_up', labels: [address], value: Number(reachable) };
    yield* known('rocketmq_name_server_brokers', [address], brokers?.length);
  }
}
