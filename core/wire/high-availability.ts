// Computes the cost of one RocketMQ follower's copy of a record (a slave or a controller group's replica).

import { delayedAcks, plus, sentAtOnce, streamed, times, type Exchange } from './flow.ts';

/*
 * Slave of a fixed master (store: DefaultHAConnection, DefaultHAClient)
 *
 *   master → slave   offset 8 | size 4 | stored records, at most 32,768 (haTransferBatchSize)
 *   slave → master   offset 8, after each transfer it read
 *
 * Replica of a controller's group, RocketMQ 5 (store: AutoSwitchHAConnection, AutoSwitchHAClient)
 *
 *   master → replica   state 4 | size 4 | offset 8 | epoch 4 | start of the epoch 8 | confirmed offset 8 | stored records, at most 32,768
 *   replica → master   state 4 | offset 8, after each transfer it read
 *
 * Header and records are two writes. Consecutive transfers share segments.
 */
const largestTransfer = 32_768;

const protocols = {
  'master-slave': { header: 12, report: 8 },
  controller: { header: 36, report: 12 },
};

/** @param messagesPerTransfer full transfers if unknown, which is the least cost of a copy */
export function highAvailabilityCopy(
  mode: keyof typeof protocols,
  recordBytes: number,
  messagesPerTransfer?: number,
): Exchange {
  const { header, report } = protocols[mode];
  const most = largestTransfer / recordBytes;
  if (messagesPerTransfer === undefined || messagesPerTransfer >= most) {
    const share = recordBytes / largestTransfer;
    return {
      out: plus(streamed(recordBytes), { payload: header * share, frames: 0 }),
      in: delayedAcks(recordBytes),
    };
  }
  const records = sentAtOnce(messagesPerTransfer * recordBytes);
  return {
    out: times(plus(sentAtOnce(header), records), 1 / messagesPerTransfer),
    in: times(sentAtOnce(report), 1 / messagesPerTransfer),
  };
}
