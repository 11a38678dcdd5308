// Provides listings of two RocketMQ masters; each test adds the methods that it changes.

import {
  openRocketmqAdministration,
  type RocketmqAdministration,
} from '../../brokers/rocketmq/changes/rocketmq-administration.ts';
import { RocketmqClusterConfig } from '../../brokers/rocketmq/config.ts';
import { systemClock } from '../../core/clock.ts';

/** Brokers at the addresses `a:1` and `b:1`. */
export function twoBrokers(own: Partial<RocketmqAdministration>) {
  const config = RocketmqClusterConfig.parse({ broker: 'rocketmq', namesrv: ['127.0.0.1:1'] });
  const listed = (brokerName: string, address: string) => ({
    brokerName,
    cluster: 'lab',
    addresses: new Map([[0, address]]),
  });
  const brokers = [listed('broker-a', 'a:1'), listed('broker-b', 'b:1')];
  const admin: RocketmqAdministration = {
    ...openRocketmqAdministration('lab', config),
    listings: async () => [{ server: 'ns1:9876', brokers }],
    settings: async (address) =>
      new Map([['brokerName', brokers.find(({ addresses }) => addresses.get(0) === address)?.brokerName ?? '']]),
    ...own,
  };
  return { admin, clock: systemClock, clusterArgs: '', known: [] };
}
