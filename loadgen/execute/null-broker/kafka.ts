// Implements a Kafka broker that stores nothing: one node that leads every partition of any topic.

import { AnswerBytes } from './answer-bytes.ts';
import { ByteCursor } from './byte-cursor.ts';
import type { NullBroker, NullBrokerOptions } from './framed-server.ts';

/*
 * Request   api_key int16, api_version int16, correlation_id int32, client_id nullable string, tags if flexible
 * Response  correlation_id int32, tags if flexible (never in ApiVersions)
 *
 * Implements only the requests that precede and send a batch, each in the version of @platformatic/kafka (flexible) and
 * of kafkajs (classic). Other requests are listed, since clients choose versions by the list, but close the connection.
 */

const keys = { produce: 0, metadata: 3, apiVersions: 18, initProducerId: 22 } as const;

/**
 * Versions that Kafka 3.9 lists for the requests that brokers/kafka/choose-client.ts looks for; the lowest is that of
 * kafkajs.
 */
const versions: readonly (readonly [key: number, min: number, max: number])[] = [
  [keys.produce, 7, 9],
  [1, 11, 12],
  [2, 3, 6],
  [keys.metadata, 6, 9],
  [8, 5, 8],
  [9, 4, 7],
  [10, 2, 3],
  [11, 5, 7],
  [12, 3, 4],
  [13, 3, 4],
  [14, 3, 5],
  [keys.apiVersions, 0, 0],
  [19, 3, 7],
  [20, 1, 5],
  [keys.initProducerId, 1, 4],
  [42, 1, 2],
];
/** First flexible version of each request. */
const flexibleFrom: Readonly<Record<number, number>> = {
  [keys.produce]: 9,
  [keys.metadata]: 9,
  [keys.initProducerId]: 2,
};

const node = 1;

interface KafkaRequest {
  version: number;
  isFlexible: boolean;
  request: ByteCursor;
  answer: AnswerBytes;
}

export function createNullKafka({ partitions, address }: NullBrokerOptions): NullBroker {
  let producers = 0n;
  return (frame) => {
    const head = new ByteCursor(frame);
    const [key, version, correlation] = [head.int(2), head.int(2), head.int(4)];
    head.string(false);
    const isFlexible = version >= (flexibleFrom[key] ?? Infinity);
    head.skipTags(isFlexible);
    const answer = new AnswerBytes(isFlexible).int(4, correlation).tags();
    const kafkaRequest = { version, isFlexible, request: head, answer };
    switch (key) {
      case keys.produce:
        return produced(kafkaRequest)?.framed();
      case keys.metadata:
        return metadata(kafkaRequest, partitions, address()).framed();
      case keys.initProducerId:
        return answer.int(4, 0).int(2, 0).int64(++producers).int(2, 0).tags().framed();
      case keys.apiVersions:
        return answer
          .int(2, 0)
          .array(versions, ([api, min, max]) => answer.int(2, api).int(2, min).int(2, max))
          .framed();
      default:
        return 'unspoken';
    }
  };
}

/** @returns undefined for acks none, which has no response */
function produced({ isFlexible, request, answer }: KafkaRequest): AnswerBytes | undefined {
  request.string(isFlexible);
  const acks = request.int(2);
  request.int(4);
  const topics = itemsOf(request, isFlexible, () => {
    const name = request.string(isFlexible) ?? '';
    const partitions = itemsOf(request, isFlexible, () => {
      const index = request.int(4);
      request.skipBytes(isFlexible);
      request.skipTags(isFlexible);
      return index;
    });
    request.skipTags(isFlexible);
    return { name, partitions };
  });
  if (acks === 0) return undefined;
  return answer
    .array(topics, ({ name, partitions }) =>
      answer
        .string(name)
        .array(partitions, (index) => {
          answer.int(4, index).int(2, 0).int64(0n).int64(-1n).int64(0n);
          // Since version 8: refused records and an error message; none here.
          if (isFlexible) answer.array([], () => {}).string(undefined);
          answer.tags();
        })
        .tags(),
    )
    .int(4, 0)
    .tags();
}

function metadata(
  { version, isFlexible, request, answer }: KafkaRequest,
  partitions: number,
  [host, port]: [string, number],
) {
  const names = itemsOf(request, isFlexible, () => {
    const name = request.string(isFlexible) ?? '';
    request.skipTags(isFlexible);
    return name;
  });
  const indices = Array.from({ length: partitions }, (_, index) => index);
  answer
    .int(4, 0)
    .array([node], () => answer.int(4, node).string(host).int(4, port).string(undefined).tags())
    .string('null')
    .int(4, node)
    .array(names, (name) => {
      answer.int(2, 0).string(name).int(1, 0);
      answer.array(indices, (index) => {
        answer.int(2, 0).int(4, index).int(4, node);
        if (version >= 7) answer.int(4, 0);
        for (const replicas of [[node], [node], []]) answer.array(replicas, (id) => answer.int(4, id));
        answer.tags();
      });
      if (version >= 8) answer.int(4, 0);
      answer.tags();
    });
  if (version >= 8) answer.int(4, 0);
  return answer.tags();
}

const itemsOf = <Item>(request: ByteCursor, isFlexible: boolean, read: () => Item): Item[] =>
  Array.from({ length: request.count(isFlexible) ?? 0 }, read);
