// Requests of a transaction: the outcome of a half message, and the broker's question for it.

import { command, type Request, wholeField } from './frame.ts';
import { AppError } from '../../../core/errors.ts';

// Encodes END_TRANSACTION (37), which commits or rolls back a half message on its broker.

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

// Parses CHECK_TRANSACTION_STATE (39), a one-way request from a broker to a producer.

export const checkTransactionState = 39;

/*
 * Request fields   tranStateTableOffset  int64, offset of the half message in its queue
 *                  commitLogOffset       int64
 *                  msgId, transactionId  unique key
 *                  offsetMsgId
 * Body             the half message, as in message.ts
 */

/** @throws AppError answer-unreadable */
export function parseCheckTransactionState({ fields }: Pick<Request, 'fields'>) {
  const transactionId = fields['transactionId'] ?? fields['msgId'];
  if (transactionId === undefined) {
    throw new AppError('answer-unreadable', 'a transaction check (39) does not name its transaction');
  }
  return {
    /** Unique key of the message. */
    transactionId,
    /** Offset of the half message as stored now: brokers store it again before each check. */
    queueOffset: wholeField({ fields }, 'tranStateTableOffset'),
    physicalOffset: wholeField({ fields }, 'commitLogOffset'),
  };
}
