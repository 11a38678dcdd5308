// Lists the access control rules of a cluster, as its brokers report them.

import type { AclRule } from '../../brokers/acl-rule.ts';
import type { ClusterConfig } from '../../brokers/config.ts';
import type { Io } from '../../brokers/driver.ts';
import { openKafkaAdministration } from '../../brokers/kafka/changes/kafka-administration.ts';
import type { KafkaClusterConfig } from '../../brokers/kafka/config.ts';
import { openRocketmqAdministration } from '../../brokers/rocketmq/changes/rocketmq-administration.ts';
import type { RocketmqClusterConfig } from '../../brokers/rocketmq/config.ts';
import { byKind } from '../../core/broker-kind/registry.ts';
import { AppError } from '../../core/errors.ts';
import { groupsIn } from '../../ops/rocketmq/broker-group.ts';
import { readListings } from '../../ops/rocketmq/listings.ts';

/** @throws AppError unsupported-broker if the brokers have no such rules; broker-refused, broker-unreachable */
export const aclRules = ({ name, config }: { name: string; config: ClusterConfig }, io: Io) =>
  byKind<ClusterConfig, Promise<readonly AclRule[]>>(config, {
    kafka: (kafka) => kafkaRules(name, kafka, io),
    rocketmq: (rocketmq) => rocketmqRules(name, rocketmq, io),
  });

async function kafkaRules(name: string, config: KafkaClusterConfig, io: Io): Promise<readonly AclRule[]> {
  await using admin = openKafkaAdministration(name, config);
  return await admin.acls(io);
}

/** Each broker has separate rules; reads one member of each group. */
async function rocketmqRules(name: string, config: RocketmqClusterConfig, io: Io): Promise<readonly AclRule[]> {
  await using admin = openRocketmqAdministration(name, config);
  const rules: AclRule[] = [];
  for (const [brokerName, { members }] of groupsIn(await readListings(admin, io))) {
    const [first] = members;
    if (first === undefined) continue;
    const own = await admin.acls(first.address, io);
    if (own === undefined) {
      throw new AppError('unsupported-broker', `${brokerName} does not list access control rules`, {
        hint: 'RocketMQ 5.3 and later do; 4.x keeps them in conf/plain_acl.yml of each broker',
      });
    }
    rules.push(...own.map((rule) => ({ ...rule, broker: brokerName })));
  }
  return rules;
}
