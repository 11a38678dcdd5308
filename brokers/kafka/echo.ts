// Sends a value and waits until it can be fetched again at the leader, over separate connections without a group.

import { seconds, systemClock } from '../../core/clock.ts';
import type { Echo, EchoPosition } from '../driver.ts';
import type { KafkaCluster } from './client.ts';
import { speaks, firstToAnswer } from './wire/links.ts';
import { createConnections, echoTimeouts } from './wire/connections.ts';
import { AppError } from '../../core/errors.ts';
import { kafkaErrorNamed, toAppError } from './errors.ts';
import { fetchRecords } from './platformatic/fetch.ts';
import { produce } from './platformatic/produce.ts';
import { readRecordBatches } from './platformatic/record-batch.ts';
import { ask } from './wire/ask.ts';
import { readMetadata } from './wire/metadata.ts';

/** More than a value and its batch; later messages of others are not needed. */
const partitionBytes = 1024;
/** A new leader may learn of the offset a little later. */
const outOfRange = 'OFFSET_OUT_OF_RANGE';
const outOfRangePause = seconds(0.2);

const needed = { Produce: 9, Fetch: 12 } as const;

/** @throws AppError unsupported-broker before Kafka 2.8 */
export function createEcho({ name, config, ranges }: KafkaCluster, topic: string): Echo {
  for (const [api, version] of Object.entries(needed)) {
    if (speaks(ranges, api, version)) continue;
    throw new AppError('unsupported-broker', `cannot send to cluster ${name} and read back: no ${api} v${version}`);
  }
  const connections = createConnections(name, config, echoTimeouts);
  let addresses: ReadonlyMap<string, string> = new Map();

  const connect = async (place: EchoPosition, action: string, io: { signal: AbortSignal }, channel: string) => {
    const address = addresses.get(place.broker);
    if (address === undefined) throw new AppError('broker-unreachable', `cannot ${action}: no such broker`);
    return { connection: await connections.to(address, io, channel), attempt: { action, address } };
  };

  return {
    async places(io) {
      const { brokers, topics } = await firstToAnswer(name, config.bootstrap, io, async (address, within) =>
        readMetadata(await connections.to(address, within, 'metadata'), address, within, [topic]),
      );
      addresses = new Map([...addresses, ...brokers.map(({ id, address }) => [id, address] as const)]);
      const found = topics.find((each) => each.name === topic);
      if (found === undefined) {
        throw new AppError('broker-refused', `cannot use topic ${topic}: cluster ${name} has no such topic`, {
          hint: 'create it first; Plimsoll never creates a topic by sending to it',
        });
      }
      return found.partitions.flatMap(({ partition, leader }) =>
        leader === undefined ? [] : { partition, broker: leader },
      );
    },

    async send(place, value, io) {
      const { connection, attempt } = await connect(place, `send to ${topic}-${place.partition}`, io, 'send');
      const { partition } = place;
      return (await ask(connection, attempt, io, produce, 'all', topic, partition, [value], Date.now())).baseOffset;
    },

    async read(place, offset, io) {
      const action = `read ${topic}-${place.partition} at ${offset}`;
      const { connection, attempt } = await connect(place, action, io, 'read');
      const positions = [{ partition: place.partition, offset }];
      for (;;) {
        const request = { positions, partitionBytes };
        const { partitions } = await ask(connection, attempt, io, fetchRecords, topic, request);
        const [found] = partitions;
        const refusal = found && kafkaErrorNamed(found.errorCode);
        if (found === undefined || refusal === outOfRange) {
          await systemClock.sleep(outOfRangePause, io);
          continue;
        }
        if (refusal !== undefined) {
          throw toAppError({ apiId: refusal, message: 'the leader refused it' }, { ...attempt, api: 'Fetch' });
        }
        const { values, next } = readRecordBatches(found.records, offset);
        if (next !== undefined) return values[0] && Buffer.from(values[0]);
      }
    },

    [Symbol.asyncDispose]: () => connections[Symbol.asyncDispose](),
  };
}
