// Classifies a failed request by the broker's error name, or by the fault code if the broker gave none.

import { AppError } from '../core/errors.ts';
import { kafkaErrorOf } from './kafka/errors.ts';
import { proxyStatusIn } from './rocketmq/grpc/status.ts';
import { busyIn } from './rocketmq/protocol/busy.ts';

/**
 * @returns the broker's name for the failure, such as NOT_ENOUGH_REPLICAS, timeout-clean-queue or PROXY_TIMEOUT;
 * undefined if it gave none
 */
export const brokerCauseOf = (cause: unknown): string | undefined =>
  busyIn(cause) ?? proxyStatusIn(cause) ?? kafkaErrorOf(cause)?.name;

/** @returns one of few names, such as NOT_ENOUGH_REPLICAS, page-cache-busy or broker-unreachable */
export function errorClassOf(cause: unknown): string {
  return brokerCauseOf(cause) ?? (cause instanceof AppError ? cause.code : 'unexpected');
}
