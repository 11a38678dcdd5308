// Runs an administrative change of a Kafka cluster: plan, execute, resume, roll back.

import type { KafkaClusterConfig } from '../../../brokers/kafka/config.ts';
import { openKafkaAdministration } from '../../../brokers/kafka/changes/kafka-administration.ts';
import type { KafkaTools } from '../../../ops/kafka/administration.ts';
import type { Caller } from '../../caller.ts';
import { clusterArgs, clusterOfKind } from '../../observe/named-cluster.ts';
import { runChange, type AdministeredChange, type ChangeRequest, type ChangeState } from '../run-change.ts';

export type KafkaChange<Facts extends object> = (
  tools: KafkaTools,
  cluster: { name: string; config: KafkaClusterConfig },
) => AdministeredChange<Facts, KafkaTools>;

/** @throws AppError as `app/change/run-change.ts`; errors of the plan */
export async function administerKafka<Facts extends object>(
  io: Caller<ChangeRequest>,
  changeWith: KafkaChange<Facts>,
): Promise<ChangeState<Facts>> {
  const { name, config } = await clusterOfKind(io, 'kafka');
  const cluster = { name, config };
  await using admin = openKafkaAdministration(name, config, io);
  const { sasl } = config;
  const tools: KafkaTools = {
    admin,
    clock: io.clock,
    clusterArgs: clusterArgs(io.options, name),
    ...(sasl !== undefined && 'username' in sasl && { login: { user: sasl.username, mechanism: sasl.mechanism } }),
  };
  return await runChange(io, cluster, { ...changeWith(tools, cluster), tools, folder: 'changes' });
}
