// Deletes the first records of a partition with DeleteRecords, as retention would.

import { deleteRecordsV2 } from '@platformatic/kafka';
import { AppError } from '../../core/errors.ts';
import type { Io } from '../driver.ts';
import { ask } from './wire/ask.ts';
import type { Connections } from './wire/connections.ts';
import { readMetadata } from './wire/metadata.ts';

const brokerWaitMs = 8000;

/** @param before the first offset that stays. @throws AppError */
export async function deleteRecords(
  connections: Connections,
  topic: string,
  partition: number,
  before: bigint,
  io: Io,
): Promise<void> {
  const { connection, address } = await connections.bootstrap(io);
  const { topics, brokers } = await readMetadata(connection, address, io, [topic]);
  const leader = topics[0]?.partitions.find((each) => each.partition === partition)?.leader;
  const leaderAddress = brokers.find(({ id }) => id === leader)?.address;
  const action = `delete the records of ${topic}-${partition} before ${before}`;
  if (leaderAddress === undefined)
    throw new AppError('broker-refused', `cannot ${action}: the partition has no leader`);
  const reached = await connections.to(leaderAddress, io);
  const wanted = [{ name: topic, partitions: [{ partitionIndex: partition, offset: before }] }];
  await ask(reached, { action, address: leaderAddress }, io, deleteRecordsV2.api, wanted, brokerWaitMs);
}
