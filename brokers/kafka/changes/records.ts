// Deletes the first records of partitions with DeleteRecords, each at its leader.

import { deleteRecordsV1, deleteRecordsV2 } from '../library.ts';
import { AppError } from '../../../core/errors.ts';
import type { Io } from '../../driver.ts';
import { newestSpoken } from '../wire/links.ts';
import { readMetadataOver } from '../wire/metadata.ts';
import type { Reach } from './reach.ts';
import { refuse } from './settings.ts';

export interface FirstKept {
  partition: number;
  /** The first offset that is kept. */
  offset: bigint;
}

const brokerWaitMs = 30_000;

/** @throws AppError broker-refused, with the partition; earlier partitions are done by then */
export async function deleteFirstRecords(
  reach: Pick<Reach, 'any' | 'to' | 'persist'>,
  topic: string,
  kept: readonly FirstKept[],
  io: Io,
): Promise<void> {
  for (const { partition, offset } of kept) {
    const action = `delete the records of ${topic}-${partition} before ${offset}`;
    await reach.persist(io, async () => {
      const { link: any } = await reach.any(io);
      const { topics, brokers } = await readMetadataOver(any, io, [topic]);
      const leader = topics[0]?.partitions.find((each) => each.partition === partition)?.leader;
      const address = brokers.find(({ id }) => id === leader)?.address;
      if (address === undefined) {
        throw new AppError('broker-refused', `cannot ${action}: the partition has no leader`, {
          hint: `start a broker that has a replica: \`plimsoll get topic ${topic}\` lists them`,
        });
      }
      const link = await reach.to(address, io);
      const api = newestSpoken(link, deleteRecordsV2.api, deleteRecordsV1.api);
      const wanted = [{ name: topic, partitions: [{ partitionIndex: partition, offset }] }];
      const answer = await link.askForParts(action, io, api, wanted, brokerWaitMs);
      const part = answer.topics[0]?.partitions[0];
      refuse(link, { action, api: 'DeleteRecords' }, part?.errorCode, undefined);
    });
  }
}
