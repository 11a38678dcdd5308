// Checks that a message was stored as durably as the broker's settings and the acks demand.

import { AppError } from '../../core/errors.ts';
import type { Acks } from '../driver.ts';
import type { Response } from './protocol/frame.ts';
import { parseSendReceipt, type SendReceipt } from './protocol/send-message.ts';
import type { Attempt } from './ask.ts';

/** @throws AppError broker-refused if the message was stored less durably than the broker is configured */
export function checkStored({ kind }: Pick<SendReceipt, 'kind'>, { action, address }: Attempt, acks: Acks): void {
  if (kind === 'stored' || acks !== 'all') return;
  throw new AppError(
    'broker-refused',
    `cannot ${action} on ${address} with acks all: stored there, but ${reasons[kind]}`,
  );
}

/** @returns the error for an answer that is not good */
export function whyNotStored(response: Response, attempt: Attempt, acks: Acks): unknown {
  try {
    checkStored(parseSendReceipt(response), attempt, acks);
  } catch (cause) {
    return cause;
  }
  return new AppError('answer-unreadable', `code ${response.code} does not show whether the message was stored`);
}

/** Hint for a topic that a broker accepts no messages for. */
export const closedTopicHint = (topic: string): string =>
  `\`plimsoll get routes ${topic}\` shows why no queue is writable; for a read-only topic: \`plimsoll ops rocketmq alter-topic --topic ${topic} --permission read-write\``;

const reasons = {
  'flush-disk-timeout': 'it was not flushed to disk in time (FLUSH_DISK_TIMEOUT)',
  'slave-not-available': 'no slave is available (SLAVE_NOT_AVAILABLE)',
  'flush-slave-timeout': 'it was not replicated to the slave in time (FLUSH_SLAVE_TIMEOUT)',
} as const;
