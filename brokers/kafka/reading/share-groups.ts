// Encodes ShareGroupDescribe (Kafka 4.1 and later), which @platformatic/kafka lacks.

import type { Reader } from '../library.ts';
import { readItems } from '../wire/items.ts';
import { describesGroups } from './describe-groups.ts';
import type { DescribedMember } from './groups.ts';

/*
 * GROUP v1     error_code int16, error_message compact nullable string,
 *                group_id compact string, group_state compact string, group_epoch int32, assignment_epoch int32,
 *                assignor_name compact string,
 *                members [member_id compact string, rack_id compact nullable string, member_epoch int32,
 *                  client_id compact string, client_host compact string, subscribed_topic_names [compact string],
 *                  assignment (topic_partitions [topic_id uuid, topic_name compact string, partitions [int32], tags], tags),
 *                  tags],
 *                authorized_operations int32, tags
 */

export const shareGroupDescribe = describesGroups(77, 1, (reader) => {
  reader.readString();
  return readItems(reader, memberIn);
});

function memberIn(reader: Reader): DescribedMember {
  const memberId = reader.readString();
  reader.readNullableString();
  reader.readInt32();
  const clientId = reader.readString();
  const clientHost = reader.readString();
  readItems(reader, (r) => r.readString(), true, false);
  const assigned = readItems(reader, (r) => {
    r.readUUID();
    return { topic: r.readString(), partitions: readItems(r, () => r.readInt32(), true, false) };
  });
  reader.readTaggedFields();
  return { memberId, clientId, clientHost, assigned };
}
