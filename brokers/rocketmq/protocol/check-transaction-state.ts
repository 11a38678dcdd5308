// Parses CHECK_TRANSACTION_STATE (39), a one-way request from a broker to a producer.

import { AppError } from '../../../core/errors.ts';
import { type Request, wholeField } from './frame.ts';

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
