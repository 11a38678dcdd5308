// Creates the reading of a group that has committed in a partition.

import { lagsOf } from '../../brokers/kafka/inspect/lags.ts';

/** The partition has 100 messages. */
export function readTo(committed: bigint) {
  const offsets = [{ topic: 'orders', partition: 0, start: 0n, end: 100n }];
  const ends = new Map([['orders', new Map(offsets.map((each) => [each.partition, each]))]]);
  const commits = [{ topic: 'orders', partitions: Int32Array.of(0), offsets: BigInt64Array.of(committed) }];
  return {
    groups: [{ name: 'billing', partitions: lagsOf({ committed: commits, assigned: [] }, ends) }],
    offsets,
    sections: [],
  };
}
