// Encodes StreamsGroupDescribe (KIP-1071, Kafka 4.1 and later), which @platformatic/kafka lacks.

import type { Reader } from '../library.ts';
import { readItems } from '../wire/items.ts';
import { describesGroups } from './describe-groups.ts';
import type { AssignedTopic, DescribedMember } from './groups.ts';

/*
 * GROUP v0     error_code int16, error_message compact nullable string,
 *                group_id compact string, group_state compact string, group_epoch int32, assignment_epoch int32,
 *                topology nullable (epoch int32, subtopologies nullable [subtopology_id compact string,
 *                  source_topics [compact string], repartition_sink_topics [compact string],
 *                  state_changelog_topics [TOPIC], repartition_source_topics [TOPIC], tags], tags),
 *                members [member_id compact string, member_epoch int32, instance_id compact nullable string,
 *                  rack_id compact nullable string, client_id compact string, client_host compact string,
 *                  topology_epoch int32, process_id compact string, user_endpoint nullable (host compact string, port uint16,
 *                  tags), client_tags [KEY_VALUE], task_offsets [OFFSET], task_end_offsets [OFFSET],
 *                  assignment ASSIGNMENT, target_assignment ASSIGNMENT, is_classic bool, tags],
 *                authorized_operations int32, tags
 *              TOPIC       name compact string, partitions int32, replication_factor int16, topic_configs [KEY_VALUE], tags
 *              KEY_VALUE   key compact string, value compact string, tags
 *              OFFSET      subtopology_id compact string, partition int32, offset int64, tags
 *              ASSIGNMENT  active_tasks [TASKS], standby_tasks [TASKS], warmup_tasks [TASKS], tags
 *              TASKS       subtopology_id compact string, partitions [int32], tags
 */

interface Tasks {
  subtopology: string;
  partitions: readonly number[];
}

/** Topics that the tasks of each subtopology read. */
type Sources = ReadonlyMap<string, readonly string[]>;

export const streamsGroupDescribe = describesGroups(89, 0, (reader) => {
  const sources: Sources = new Map(reader.readNullableStruct(() => topologyIn(reader)) ?? []);
  return readItems(reader, (each) => memberIn(each, sources));
});

function topologyIn(reader: Reader): [string, string[]][] {
  reader.readInt32();
  const subtopologies = readItems(reader, (each): [string, string[]] => {
    const id = each.readString();
    const sources = stringsIn(each);
    stringsIn(each);
    readItems(each, topicIn);
    return [id, [...sources, ...readItems(each, topicIn)]];
  });
  reader.readTaggedFields();
  return subtopologies;
}

function memberIn(reader: Reader, sources: Sources): DescribedMember {
  const memberId = reader.readString();
  reader.readInt32();
  reader.readNullableString();
  reader.readNullableString();
  const clientId = reader.readString();
  const clientHost = reader.readString();
  reader.readInt32();
  reader.readString();
  reader.readNullableStruct(() => {
    reader.readString();
    reader.readInt16();
    reader.readTaggedFields();
  });
  readItems(reader, keyValueIn);
  readItems(reader, offsetIn);
  readItems(reader, offsetIn);
  const active = activeTasksIn(reader);
  activeTasksIn(reader);
  reader.readBoolean();
  const assigned = active.flatMap(({ subtopology, partitions }) =>
    (sources.get(subtopology) ?? []).map((topic): AssignedTopic => ({ topic, partitions })),
  );
  return { memberId, clientId, clientHost, assigned };
}

function activeTasksIn(reader: Reader): Tasks[] {
  const [active = []] = [0, 1, 2].map(() =>
    readItems(reader, (each) => ({
      subtopology: each.readString(),
      partitions: readItems(each, () => each.readInt32(), true, false),
    })),
  );
  reader.readTaggedFields();
  return active;
}

function topicIn(reader: Reader): string {
  const name = reader.readString();
  reader.readInt32();
  reader.readInt16();
  readItems(reader, keyValueIn);
  return name;
}

function keyValueIn(reader: Reader): void {
  reader.readString();
  reader.readString();
}

function offsetIn(reader: Reader): void {
  reader.readString();
  reader.readInt32();
  reader.readInt64();
}

const stringsIn = (reader: Reader) => readItems(reader, (each) => each.readString(), true, false);
