// Builds the requests that describe groups of one kind, which @platformatic/kafka lacks.

import { createAPI, Writer, type Reader } from '../library.ts';
import { readItems } from '../wire/items.ts';
import type { DescribedGroup } from './groups.ts';

/*
 * Request   group_ids [compact string], include_authorized_operations bool, tags
 * Response  throttle_time_ms int32, groups [GROUP], tags
 */

/** @param membersIn reads a group from the end of its assignment epoch to the end of its members */
export function describesGroups(
  key: number,
  version: number,
  membersIn: (reader: Reader) => DescribedGroup['members'],
) {
  return createAPI(
    key,
    version,
    (groupIds: readonly string[]) =>
      Writer.create()
        .appendArray([...groupIds], (writer, groupId) => writer.appendString(groupId), true, false)
        .appendBoolean(false)
        .appendTaggedFields(),
    (_correlationId: number, _api: number, _version: number, reader: Reader): { groups: DescribedGroup[] } => {
      reader.readInt32();
      return { groups: readItems(reader, groupIn) };
    },
  );

  function groupIn(reader: Reader): DescribedGroup {
    const errorCode = reader.readInt16();
    reader.readNullableString();
    const groupId = reader.readString();
    const groupState = reader.readString();
    reader.readInt32();
    reader.readInt32();
    const members = membersIn(reader);
    reader.readInt32();
    return { errorCode, groupId, groupState, members };
  }
}
