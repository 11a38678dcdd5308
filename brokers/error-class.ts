// How is a failed request counted? In the broker's own word for the failure, where it has one.

import { AppError } from '../core/errors.ts';
import { kafkaErrorOf } from './kafka/errors.ts';
import { busyIn } from './rocketmq/protocol/busy.ts';

/** @returns such as NOT_ENOUGH_REPLICAS, page-cache-busy or broker-unreachable; few, whatever happens */
export function errorClassOf(cause: unknown): string {
  const ownWord = busyIn(cause) ?? kafkaErrorOf(cause)?.name;
  return ownWord ?? (cause instanceof AppError ? cause.code : 'unexpected');
}
