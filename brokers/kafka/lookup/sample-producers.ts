// Attributes messages stored in the last seconds to producers, by the headers of their record batches.

import type { Broker } from '../../../core/cluster.ts';
import { faultOf } from '../../../core/errors.ts';
import { getOrMake } from '../../../core/get-or-make.ts';
import {
  emptyTally,
  measuredOf,
  sampledSeconds,
  withinSample,
  type ProducerSample,
  type ProducerTally,
} from '../../client-use.ts';
import type { Io } from '../../driver.ts';
import { byTopic } from '../changes/parts.ts';
import { readOffsetsAt } from '../changes/offsets-at.ts';
import type { KafkaMetadata } from '../client.ts';
import { fetchVersions } from '../platformatic/fetch.ts';
import { refusalOf } from '../errors.ts';
import { readOffsets } from '../reading/offsets.ts';
import { newestSpoken, type Link } from '../wire/links.ts';
import { Reader, readRecordsBatch } from '../library.ts';
import { batchesOf, isWhole } from '../platformatic/record-batch.ts';
import {
  attributesAt,
  baseSequenceAt,
  compressionBits,
  controlBit,
  format,
  headerBytes,
  magicAt,
  producerIdAt,
  recordCountAt,
} from '../platformatic/record-batch-format.ts';
import { unpackedBatch } from '../platformatic/unpacked-records.ts';

/**
 * Limit for all partitions together. For few partitions it covers the whole sampled time, since lingering producers
 * write in bursts.
 */
const sampleBytes = 6 * 2 ** 20;
const mostPartitionBytes = 2 * 2 ** 20;

interface Place {
  topic: string;
  partition: number;
  leader: string;
}

/** @param nowMs milliseconds since the epoch; producers or brokers stamp messages by their clocks */
export async function sampleProducers(
  { brokers, topics }: Pick<KafkaMetadata, 'brokers' | 'topics'>,
  wanted: readonly string[],
  { linkTo, nowMs }: { linkTo: (broker: Broker, io: Io) => Promise<Link>; nowMs: number },
  io: Io,
): Promise<ProducerSample> {
  const byName = new Map(topics.map((topic) => [topic.name, topic]));
  const places = withinSample(
    wanted.map((topic) =>
      (byName.get(topic)?.partitions ?? []).flatMap(({ partition, leader }): Place[] =>
        leader === undefined ? [] : [{ topic, partition, leader }],
      ),
    ),
  );
  const partitionBytes = Math.min(mostPartitionBytes, Math.floor(sampleBytes / Math.max(1, places.length)));
  /** Tallies by topic and producer id. */
  const tallies = new Map<string, { topic: string; producerId?: bigint; tally: ProducerTally }>();
  const read = new Set<string>();
  const notices = new Set<string>();

  async function sampleBroker(link: Link, own: readonly Place[]): Promise<void> {
    const since = await readOffsetsAt(link, own, nowMs - sampledSeconds * 1000, io);
    const led = byTopic(own).map(({ name, parts }) => ({ name, partitions: parts.map(({ partition }) => partition) }));
    const { value } = await readOffsets(link, led, false, io);
    const ends = new Map(value.offsets.map(({ topic, partition, end }) => [`${topic}\0${partition}`, end]));
    const moved = since.flatMap(({ topic, partition, offset }) => {
      const end = ends.get(`${topic}\0${partition}`);
      return offset === undefined || end === undefined || end <= offset ? [] : [{ topic, partition, offset, end }];
    });
    const api = newestSpoken(link, ...fetchVersions);
    for (const { name: topic, parts } of byTopic(moved)) {
      const answer = await link.ask(`sample ${topic}`, io, api, topic, { positions: parts, partitionBytes });
      for (const { partition, records, errorCode } of answer.partitions) {
        const refusal = refusalOf(errorCode, 'Fetch');
        if (refusal !== undefined) notices.add(`cannot sample ${topic} on ${link.address}: ${refusal}`);
        const part = parts.find((each) => each.partition === partition);
        if (part === undefined || refusal !== undefined) continue;
        read.add(topic);
        addPartition(topic, Number(part.end - part.offset) / sampledSeconds, records);
      }
    }
  }

  /** @param rate messages per second of the partition, of which the sample is the fetched part */
  function addPartition(topic: string, rate: number, records: Buffer): void {
    const headers = [...batchHeadersIn(records)].filter(({ isControl }) => !isControl);
    const all = headers.reduce((sum, each) => sum + each.records, 0);
    if (all === 0) return;
    for (const [producerId, own] of Map.groupBy(headers, (header) => header.producerId)) {
      const make = () => ({ topic, ...(producerId >= 0n && { producerId }), tally: emptyTally() });
      addProducer(getOrMake(tallies, `${topic}\0${producerId}`, make).tally, own, rate / all);
    }
  }

  await Promise.all(
    [...Map.groupBy(places, ({ leader }) => leader)].map(async ([leader, own]) => {
      const broker = brokers.find(({ id }) => id === leader);
      if (broker === undefined) return;
      try {
        await sampleBroker(await linkTo(broker, io), own);
      } catch (cause) {
        notices.add(faultOf(cause, io).message);
      }
    }),
  );
  const producers = Array.from(tallies.values(), ({ tally, ...of }) => ({ ...of, ...measuredOf(tally) }));
  return { producers, topics: [...read], notices: [...notices] };
}

/** @param perSecond messages per second for each message of the sample */
function addProducer(tally: ProducerTally, own: readonly BatchHeader[], perSecond: number): void {
  for (const { records, bytes } of own) {
    tally.messages += records;
    tally.bytes += bytes;
    tally.batches += 1;
    tally.messagesPerSecond += records * perSecond;
    tally.bytesPerSecond += bytes * perSecond;
  }
  const [first] = own;
  if (first === undefined) return;
  // One batch of each producer and partition is enough to estimate how well its messages compress.
  const packing = packingOf(first);
  tally.plainBytes += packing?.plain ?? 0;
  tally.packedBytes += packing?.packed ?? 0;
  if (first.producerId >= 0n) tally.sentSinceStart = (tally.sentSinceStart ?? 0) + Math.max(0, first.sequence);
}

type BatchHeader = ReturnType<typeof headerOf>;

function headerOf(whole: Buffer) {
  const attributes = whole.readInt16BE(attributesAt);
  return {
    records: whole.readInt32BE(recordCountAt),
    bytes: whole.length,
    /** 0 is uncompressed. */
    codec: attributes & compressionBits,
    isControl: (attributes & controlBit) !== 0,
    /** Producer id; −1 without idempotence. */
    producerId: whole.readBigInt64BE(producerIdAt),
    /** Number of earlier records of this producer in the partition; −1 without idempotence. */
    sequence: whole.readInt32BE(baseSequenceAt),
    whole,
  };
}

/** @param records record batches; a truncated last batch is skipped, and so are batches before Kafka 0.11 */
export function* batchHeadersIn(records: Buffer): Iterable<BatchHeader> {
  for (const whole of batchesOf(records)) {
    if (!isWhole(whole)) return;
    if (whole.readInt8(magicAt) === format) yield headerOf(whole);
  }
}

/** @returns unpacked and packed bytes of the records; undefined if this runtime cannot unpack them */
function packingOf({ whole, codec }: BatchHeader): { plain: number; packed: number } | undefined {
  if (codec === 0) return undefined;
  try {
    const { records } = readRecordsBatch(Reader.from(unpackedBatch(whole)));
    const plain = records.reduce((sum, { length }) => sum + length + lengthBytes(length), 0);
    return { plain, packed: whole.length - headerBytes };
  } catch {
    // A codec without a library, a damaged batch, or one that unpacks to more than 64 MiB has an unknown ratio, which
    // affects nothing else.
    return undefined;
  }
}

/** Returns the size of the varint before a record: zigzag doubles the length. */
const lengthBytes = (length: number) => (length < 64 ? 1 : length < 8192 ? 2 : length < 1_048_576 ? 3 : 4);
