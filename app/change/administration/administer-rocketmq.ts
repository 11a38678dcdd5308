// Runs an administrative change of a RocketMQ cluster: plan, execute, resume, roll back.

import { openRocketmqAdministration } from '../../../brokers/rocketmq/changes/rocketmq-administration.ts';
import type { RocketmqTools } from '../../../ops/rocketmq/administration.ts';
import type { Caller } from '../../caller.ts';
import { clusterArgs, clusterOfKind } from '../../observe/named-cluster.ts';
import { runChange, type AdministeredChange, type ChangeRequest, type ChangeState } from '../run-change.ts';

export type RocketmqChange<Facts extends object> = (tools: RocketmqTools) => AdministeredChange<Facts, RocketmqTools>;

/** @throws AppError as `app/change/run-change.ts`; errors of the plan */
export async function administerRocketmq<Facts extends object>(
  io: Caller<ChangeRequest>,
  changeWith: RocketmqChange<Facts>,
): Promise<ChangeState<Facts>> {
  const { name, config } = await clusterOfKind(io, 'rocketmq');
  await using admin = openRocketmqAdministration(name, config);
  // Removes the address from entries such as `broker-a@10.0.0.1:10911`.
  const known = config.clusterId?.brokers.map((each) => each.replace(/@[^@]*$/, '')) ?? [];
  const tools: RocketmqTools = {
    admin,
    clock: io.clock,
    gone: io.options.gone ?? [],
    known: [...new Set(known)],
    clusterArgs: clusterArgs(io.options, name),
    ...(config.credentials !== undefined && { account: config.credentials.accessKey }),
  };
  return await runChange(io, { name, config }, { ...changeWith(tools), tools, folder: 'rocketmq-changes' });
}
