// Runs an administrative change of a Kafka cluster: plan, execute, resume, roll back.

import type { KafkaClusterConfig } from '../../../brokers/kafka/config.ts';
import { openKafkaAdministration } from '../../../brokers/kafka/changes/kafka-administration.ts';
import type { Io } from '../../../brokers/driver.ts';
import type { Finding } from '../../../core/documents/analysis.ts';
import type { PlannedChange } from '../../../ops/change/change-kind.ts';
import type { KafkaTools } from '../../../ops/kafka/administration.ts';
import type { Caller } from '../../caller.ts';
import { clusterArgs, clusterOfKind } from '../../observe/named-cluster.ts';
import { runChange, type ChangeRequest, type ChangeState, type RequestedChange } from '../run-change.ts';

export interface KafkaRequest<Facts extends object> extends Pick<
  RequestedChange<Facts, KafkaTools>,
  'kind' | 'subject' | 'deletes' | 'amend'
> {
  /** @param shown as `app/change/run-change.ts` */
  plan(
    tools: KafkaTools,
    io: Io,
    cluster: { name: string; config: KafkaClusterConfig },
    shown?: Facts,
  ): Promise<PlannedChange<Facts>>;
  /** As `app/change/run-change.ts`. */
  recheck?(
    tools: KafkaTools,
    facts: Facts,
    io: Io,
    cluster: { name: string; config: KafkaClusterConfig },
  ): Promise<readonly Finding[]>;
}

/** @throws AppError as `app/change/run-change.ts`; errors of the plan */
export async function administerKafka<Facts extends object>(
  io: Caller<ChangeRequest>,
  { plan, recheck, ...change }: KafkaRequest<Facts>,
): Promise<ChangeState<Facts>> {
  const { name, config } = await clusterOfKind(io, 'kafka');
  await using admin = openKafkaAdministration(name, config, io);
  const { sasl } = config;
  const tools = {
    admin,
    clock: io.clock,
    clusterArgs: clusterArgs(io.options, name),
    ...(sasl !== undefined && 'username' in sasl && { login: { user: sasl.username, mechanism: sasl.mechanism } }),
  };
  return await runChange(
    io,
    { name, config },
    {
      ...change,
      tools,
      folder: 'changes',
      plan: (within, shown) => plan(tools, within, { name, config }, shown),
      ...(recheck && { recheck: (facts, within) => recheck(tools, facts, within, { name, config }) }),
    },
  );
}
