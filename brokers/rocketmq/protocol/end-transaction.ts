// Encodes END_TRANSACTION (37), which commits or rolls back a half message on its broker.

import { command } from './frame.ts';

interface EndTransaction {
  producerGroup: string;
  topic: string;
  outcome: 'commit' | 'roll-back';
  /** Offset of the half message in its queue; `physicalOffset` is its offset in the commit log. */
  queueOffset: bigint;
  physicalOffset: bigint;
  /** Unique key of the message. */
  transactionId: string;
  /** Whether the broker requested the outcome with a transaction check. */
  isCheckedBack: boolean;
}

/*
 * Request fields   producerGroup, topic (5.x)
 *                  tranStateTableOffset  int64, offset of the half message in its queue
 *                  commitLogOffset       int64
 *                  commitOrRollback      int32, as in sysFlag: 8 commit, 12 roll back
 *                  fromTransactionCheck  true or false
 *                  msgId, transactionId  unique key
 * Response         nothing; after a commit as for SEND_MESSAGE, without fields
 */

const outcomes = { commit: '8', 'roll-back': '12' } as const;

export function encodeEndTransaction(end: EndTransaction) {
  const { producerGroup, topic, outcome, queueOffset, physicalOffset, transactionId, isCheckedBack } = end;
  return command(37, 'end of a transaction', {
    producerGroup,
    topic,
    tranStateTableOffset: String(queueOffset),
    commitLogOffset: String(physicalOffset),
    commitOrRollback: outcomes[outcome],
    fromTransactionCheck: String(isCheckedBack),
    msgId: transactionId,
    transactionId,
  });
}
