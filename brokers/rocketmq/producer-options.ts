// Rejects producer options and batches that RocketMQ does not support.

import type { OutgoingBatch, ProducerOptions } from '../driver.ts';
import { refuseUnsupported } from '../unsupported.ts';

const oneByOne = 'send each message in a separate request (requests: single)';

/** @throws AppError unsupported-broker */
export function checkOptions({
  acks,
  idempotent,
  compression = 'none',
  requests,
  transactions,
}: ProducerOptions): void {
  if (idempotent === true) {
    refuseUnsupported('RocketMQ cannot distinguish a resent message from a new one', 'remove `idempotent`');
  }
  if (transactions !== undefined && requests === 'batch') {
    refuseUnsupported('every RocketMQ message is a separate transaction and cannot be batched', oneByOne);
  }
  if (transactions !== undefined && acks === 'none') {
    refuseUnsupported('a RocketMQ transaction ends with the response to its message', 'choose acks leader or all');
  }
  if (transactions === undefined && compression !== 'none' && requests !== 'single') {
    refuseUnsupported('RocketMQ compresses single messages, not batches', `${oneByOne}, or leave \`compression\` away`);
  }
}

/** @throws AppError unsupported-broker */
export function checkDelay(
  action: string,
  { delay }: OutgoingBatch,
  { requests, transactions }: ProducerOptions,
): void {
  if (delay === undefined) return;
  if (transactions !== undefined) {
    refuseUnsupported(
      `cannot ${action}: RocketMQ cannot delay messages of a transaction`,
      'remove the delay or the transactions',
    );
  }
  if (requests !== 'single') refuseUnsupported(`cannot ${action}: RocketMQ cannot delay batches`, oneByOne);
}
