// Builds the requests that describe groups of one kind, which @platformatic/kafka lacks.

import { createAPI, Writer, type Reader } from '../library.ts';
import { readItems } from '../wire/items.ts';
import type { DescribedGroup } from './groups.ts';

/*
 * Request   group_ids [compact string], include_authorized_operations bool, tags
 * Response  throttle_time_ms int32, groups [GROUP], tags
 */

/** @param groupIn reads a group up to its tags */
export const describesGroups = (key: number, version: number, groupIn: (reader: Reader) => DescribedGroup) =>
  createAPI(
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
