// Encodes ElectLeaders v2 (Kafka 2.4 and later) for preferred leaders, which @platformatic/kafka lacks.

import { createAPI, Writer, type Reader } from '../library.ts';
import { readItems } from '../wire/items.ts';

const key = 43;
const version = 2;
const preferred = 0;

interface ElectedTopic {
  name: string;
  partitions: readonly number[];
}

interface ElectLeadersResponse {
  errorCode: number;
  topics: readonly { name: string; partitions: readonly { partition: number; errorCode: number }[] }[];
}

/*
 * Request   election_type int8 (0: preferred), [topic: name compact string, [partition int32], tags], timeout_ms int32, tags
 * Response  throttle_time_ms int32, error_code int16,
 *             [topic: name compact string, [partition int32, error_code int16, error_message compact nullable string, tags], tags],
 *             tags
 */

function encode(topics: readonly ElectedTopic[], timeoutMs: number): Writer {
  return Writer.create()
    .appendInt8(preferred)
    .appendArray([...topics], (topic, { name, partitions }) => {
      topic
        .appendString(name)
        .appendArray([...partitions], (index, partition) => index.appendInt32(partition), true, false);
    })
    .appendInt32(timeoutMs)
    .appendTaggedFields();
}

function parse(_correlation: number, _key: number, _version: number, reader: Reader): ElectLeadersResponse {
  reader.readInt32();
  const errorCode = reader.readInt16();
  const topics = readItems(reader, (topic) => ({
    name: topic.readString(),
    partitions: readItems(topic, (each) => {
      const [partition, code] = [each.readInt32(), each.readInt16()];
      each.readNullableString();
      return { partition, errorCode: code };
    }),
  }));
  reader.readTaggedFields();
  return { errorCode, topics };
}

export const electLeaders = createAPI<[topics: readonly ElectedTopic[], timeoutMs: number], ElectLeadersResponse>(
  key,
  version,
  encode,
  parse,
);
