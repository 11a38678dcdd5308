// Deletes a Kafka consumer group, or its offsets in one topic.

import { openKafkaAdministration } from '../../../brokers/kafka/changes/kafka-administration.ts';
import { openKafkaGroupOffsets } from '../../../brokers/kafka/group-offsets/kafka-group-offsets.ts';
import { deleteGroup, planDeleteGroup, type DeleteGroupFacts } from '../../../ops/kafka/groups/delete-group.ts';
import { type Caller, stateFolderOf } from '../../caller.ts';
import { clusterArgs, clusterOfKind } from '../../observe/named-cluster.ts';
import { runChange, type ChangeRequest, type ChangeState } from '../run-change.ts';

/** @param spec without a topic: deletes the whole group. @throws AppError as `app/change/run-change.ts`; not-found */
export async function deleteKafkaGroup(
  io: Caller<ChangeRequest>,
  spec: { group: string; topic?: string },
): Promise<ChangeState<DeleteGroupFacts>> {
  const { name, config } = await clusterOfKind(io, 'kafka');
  await using admin = openKafkaAdministration(name, config, io);
  await using offsets = await openKafkaGroupOffsets(name, config);
  const tools = {
    admin,
    offsets,
    cluster: name,
    stateFolder: stateFolderOf(io),
    clock: io.clock,
    clusterArgs: clusterArgs(io.options, name),
  };
  return await runChange(
    io,
    { name, config },
    {
      kind: deleteGroup,
      subject: spec.group,
      deletes: spec.group,
      tools,
      folder: 'changes',
      plan: (within) => planDeleteGroup(tools, spec, within),
    },
  );
}
