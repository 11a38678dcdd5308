// Judges whether a RocketMQ cluster is healthy enough to restart its next instance.

import type { RocketmqClusterConfig } from '../../brokers/rocketmq/config.ts';
import type { RocketmqDetails } from '../../brokers/rocketmq/details.ts';
import { driverOf } from '../../brokers/registry.ts';
import type { Io } from '../../brokers/driver.ts';
import { bytesText } from '../../core/text/quantity-text.ts';
import { named } from '../change/change-kind.ts';
import type { Blocker } from '../change/step.ts';
import type { Baseline, ClusterGate } from './facts.ts';

export function rocketmqGate(name: string, config: RocketmqClusterConfig): ClusterGate {
  const read = async (io: Io) => {
    await using inspector = await driverOf(config).inspect(name, config, io);
    return await inspector.snapshot(io);
  };
  return {
    async baseline(io) {
      const { cluster } = await read(io);
      return { brokers: cluster.brokers.map(({ id }) => id), lags: {} };
    },
    async blockers(baseline, io) {
      const { rocketmq } = await read(io);
      return rocketmq === undefined
        ? [{ what: 'the state of the brokers was not read' }]
        : rocketmqBlockers(baseline, rocketmq);
    },
  };
}

/** As haSlaveFallbehindMax of RocketMQ: a slave further behind does not count for synchronous replication. */
const mostBehindBytes = 256 * 2 ** 20;

export function rocketmqBlockers(
  { brokers }: Pick<Baseline, 'brokers'>,
  { nameServers, brokers: known }: Pick<RocketmqDetails, 'nameServers' | 'brokers'>,
): Blocker[] {
  const servers = nameServers.flatMap(({ address, reachable, brokers: listed }): Blocker[] => {
    if (!reachable || listed === undefined) return [{ what: `name server ${address} does not answer` }];
    const missing = brokers.filter((id) => !listed.includes(id));
    return missing.length === 0 ? [] : [{ what: `name server ${address} does not list ${named(missing)}` }];
  });
  const slaves = known.flatMap(({ id, ha, brokerName }): Blocker[] => {
    if (ha === undefined) return [];
    const expected = brokers.filter((each) => each.startsWith(`${brokerName}:`) && each !== id).length;
    const behind = ha.slaves.filter(({ behindBytes }) => behindBytes > mostBehindBytes);
    if (ha.slaves.length < expected) {
      return [{ what: `${id} has ${ha.slaves.length} connected slaves of ${expected}` }];
    }
    return behind.map(({ address, behindBytes }) => ({
      what: `slave ${address} of ${id} is ${bytesText(behindBytes)} behind`,
    }));
  });
  return [...servers, ...slaves];
}
