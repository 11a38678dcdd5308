// Runs an administrative change of a RocketMQ cluster: plan, execute, resume, roll back.

import { openRocketmqAdministration } from '../../../brokers/rocketmq/changes/rocketmq-administration.ts';
import type { Io } from '../../../brokers/driver.ts';
import type { PlannedChange } from '../../../ops/change/change-kind.ts';
import type { RocketmqTools } from '../../../ops/rocketmq/administration.ts';
import type { Caller } from '../../caller.ts';
import { clusterArgs, clusterOfKind } from '../../observe/named-cluster.ts';
import { runChange, type ChangeRequest, type ChangeState, type RequestedChange } from '../run-change.ts';

export interface RocketmqRequest<Facts extends object> extends Pick<
  RequestedChange<Facts, RocketmqTools>,
  'kind' | 'subject' | 'deletes' | 'amend'
> {
  /** @param shown as `app/change/run-change.ts` */
  plan(tools: RocketmqTools, io: Io, shown?: Facts): Promise<PlannedChange<Facts>>;
}

/** @throws AppError as `app/change/run-change.ts`; errors of the plan */
export async function administerRocketmq<Facts extends object>(
  io: Caller<ChangeRequest>,
  { plan, ...change }: RocketmqRequest<Facts>,
): Promise<ChangeState<Facts>> {
  const { name, config } = await clusterOfKind(io, 'rocketmq');
  await using admin = openRocketmqAdministration(name, config);
  // Removes the address from entries such as `broker-a@10.0.0.1:10911`.
  const known = config.clusterId?.brokers.map((each) => each.replace(/@[^@]*$/, '')) ?? [];
  const tools = {
    admin,
    clock: io.clock,
    gone: io.options.gone ?? [],
    known: [...new Set(known)],
    clusterArgs: clusterArgs(io.options, name),
    ...(config.credentials !== undefined && { account: config.credentials.accessKey }),
  };
  return await runChange(
    io,
    { name, config },
    {
      ...change,
      tools,
      folder: 'rocketmq-changes',
      plan: (within, shown) => plan(tools, within, shown),
    },
  );
}
