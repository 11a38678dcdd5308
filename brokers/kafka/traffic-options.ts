// Rejects producer options and batches that Kafka does not support, before anything is sent.

import { AppError } from '../../core/errors.ts';
import type { OutgoingBatch, ProducerOptions } from '../driver.ts';
import { refuseUnsupported } from '../unsupported.ts';
import { type ApiRanges, speaks } from './wire/links.ts';

/** @throws AppError usage for contradictory options, unsupported-broker for options of other brokers */
export function checkProducerOptions({ acks, idempotent, transactions, requests }: ProducerOptions): void {
  if (requests === 'single') {
    refuseUnsupported(
      'cannot send a request for each message: Kafka accepts only record batches',
      'remove `requests`, or set the batch size to one message',
    );
  }
  if (transactions?.leftToCheck !== undefined && transactions.leftToCheck > 0) {
    refuseUnsupported(
      'cannot leave transactions to be checked: Kafka brokers never check them',
      'remove `leftToCheck`: only RocketMQ has it',
    );
  }
  if ((idempotent === true || transactions !== undefined) && acks !== 'all') {
    const what = transactions === undefined ? 'be idempotent' : 'send transactions';
    throw new AppError('usage', `cannot ${what} with acks ${acks}: brokers track only safely stored messages`, {
      hint: 'set acks to all',
    });
  }
}

/** @throws AppError unsupported-broker for features that only RocketMQ messages have */
export function checkBatch({ topic, tag, delay }: OutgoingBatch): void {
  if (tag === undefined && delay === undefined) return;
  const what = tag === undefined ? 'delay' : 'tag';
  refuseUnsupported(
    `cannot send to ${topic} with a ${what}: Kafka messages have none`,
    `remove the ${what}: only RocketMQ has it`,
  );
}

/** @throws AppError unsupported-broker that names the request that the brokers lack */
export function checkSpoken(what: string, ranges: ApiRanges, needed: Readonly<Record<string, number>>): void {
  for (const [api, version] of Object.entries(needed)) {
    if (speaks(ranges, api, version)) continue;
    throw new AppError('unsupported-broker', `cannot ${what}: the brokers do not support ${api} v${version}`);
  }
}
