// Lists the brokers that keep access control: each master and slave has its own copy.

import type { Io } from '../../../brokers/driver.ts';
import { AppError } from '../../../core/errors.ts';
import { listBrokers, type ListedBrokers, type RocketmqTools } from '../administration.ts';

interface GuardedBroker {
  name: string;
  address: string;
}

/** @throws AppError as listBrokers */
export async function guardedBrokers(
  tools: RocketmqTools,
  io: Io,
): Promise<{ brokers: GuardedBroker[]; findings: ListedBrokers['findings'] }> {
  const { groups, findings } = await listBrokers(tools, [], io);
  const brokers = [...groups].flatMap(([brokerName, { members }]) =>
    members.map(({ brokerId, address }) => ({ name: `${brokerName}:${brokerId}`, address })),
  );
  return { brokers, findings };
}

export const noAcl = (broker: string): AppError =>
  new AppError('unsupported-broker', `${broker} has no access control that can be changed`, {
    hint: 'RocketMQ 5.3 and later have it (ACL 2.0); 4.x has conf/plain_acl.yml on each broker',
  });
