// Implements a Kafka broker that stores nothing: one node that leads every partition of any topic.

import type { NullBroker, NullBrokerOptions } from './framed-server.ts';
import { AppError } from '../../../core/errors.ts';

/*
 * Kafka requests use one of two encodings. Classic: lengths are int16 (strings) and int32 (arrays, bytes), -1 is null.
 * Flexible: lengths are unsigned varints of length plus one, 0 is null, and tags end every structure.
 */

/** Reads the fields of a request in order, with bounds checks. */
class ByteCursor {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  int(length: 1 | 2 | 4): number {
    return this.#bytes.readIntBE(this.#take(length), length);
  }

  /** @returns undefined for null */
  string(isFlexible: boolean): string | undefined {
    const length = isFlexible ? this.#varint() - 1 : this.int(2);
    if (length < 0) return undefined;
    const from = this.#take(length);
    return this.#bytes.toString('utf8', from, from + length);
  }

  /** @returns the number of items that follow; undefined for null. Each item has at least one byte. */
  count(isFlexible: boolean): number | undefined {
    const count = isFlexible ? this.#varint() - 1 : this.int(4);
    if (count > this.#bytes.length - this.#at) throw unreadable(`${count} items are announced`);
    return count < 0 ? undefined : count;
  }

  skipBytes(isFlexible: boolean): void {
    this.#take(Math.max(0, isFlexible ? this.#varint() - 1 : this.int(4)));
  }

  skipTags(isFlexible: boolean): void {
    if (!isFlexible) return;
    for (let left = this.#varint(); left > 0; left--) {
      this.#varint();
      this.#take(this.#varint());
    }
  }

  #varint(): number {
    let value = 0;
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = this.#bytes[this.#take(1)] ?? 0;
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return value;
    }
    throw unreadable('a number has no end');
  }

  #take(length: number): number {
    const from = this.#at;
    if (length < 0 || length > this.#bytes.length - from) throw unreadable(`${length} bytes are announced`);
    this.#at += length;
    return from;
  }
}

const unreadable = (why: string) => new AppError('answer-unreadable', `the request cannot be read: ${why}`);

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

/** Builds a response in Kafka's classic or flexible encoding. */
class AnswerBytes {
  readonly #parts: Buffer[] = [];
  readonly #isFlexible: boolean;

  constructor(isFlexible: boolean) {
    this.#isFlexible = isFlexible;
  }

  int(length: 1 | 2 | 4, value: number): this {
    const bytes = Buffer.alloc(length);
    bytes.writeIntBE(value, 0, length);
    return this.#add(bytes);
  }

  int64(value: bigint): this {
    const bytes = Buffer.alloc(8);
    bytes.writeBigInt64BE(value);
    return this.#add(bytes);
  }

  string(value: string | undefined): this {
    const bytes = Buffer.from(value ?? '');
    if (this.#isFlexible) this.#varint(value === undefined ? 0 : bytes.length + 1);
    else this.int(2, value === undefined ? -1 : bytes.length);
    return this.#add(bytes);
  }

  array<Item>(items: readonly Item[], write: (item: Item) => void): this {
    if (this.#isFlexible) this.#varint(items.length + 1);
    else this.int(4, items.length);
    for (const item of items) write(item);
    return this;
  }

  /** Writes an empty tag section if the encoding is flexible. */
  tags(): this {
    return this.#isFlexible ? this.#varint(0) : this;
  }

  /** @returns the response, prefixed with its length */
  framed(): Buffer {
    const length = this.#parts.reduce((sum, part) => sum + part.length, 0);
    const head = Buffer.alloc(4);
    head.writeInt32BE(length);
    return Buffer.concat([head, ...this.#parts]);
  }

  #varint(value: number): this {
    const bytes: number[] = [];
    let rest = value;
    for (; rest > 0x7f; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 0x80);
    return this.#add(Buffer.from([...bytes, rest]));
  }

  #add(bytes: Buffer): this {
    this.#parts.push(bytes);
    return this;
  }
}
