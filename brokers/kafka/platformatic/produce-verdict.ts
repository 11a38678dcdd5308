// Decides from a failed idempotent produce request whether its batch is stored, must be sent again or is refused.

import { AppError } from '../../../core/errors.ts';
import { kafkaErrorOf } from '../errors.ts';
import { movedErrors } from './leaders.ts';
import type { Verdict } from './partition-sequencer.ts';

/** Those Kafka's own table marks as retriable, of a produce request. https://kafka.apache.org/protocol.html#protocol_error_codes */
const passing: ReadonlySet<string> = new Set([
  ...movedErrors,
  'CORRUPT_MESSAGE',
  'REQUEST_TIMED_OUT',
  'NETWORK_EXCEPTION',
  'NOT_ENOUGH_REPLICAS',
  'NOT_ENOUGH_REPLICAS_AFTER_APPEND',
  'THROTTLING_QUOTA_EXCEEDED',
  'CONCURRENT_TRANSACTIONS',
]);

export function produceVerdict(failure: unknown): Verdict {
  const refusal = kafkaErrorOf(failure)?.name;
  if (refusal === 'DUPLICATE_SEQUENCE_NUMBER') return 'stored';
  if (refusal === 'OUT_OF_ORDER_SEQUENCE_NUMBER') return 'out-of-order';
  if (refusal !== undefined) return passing.has(refusal) ? 'again' : 'refused';
  return failure instanceof AppError && failure.code === 'broker-unreachable' ? 'again' : 'refused';
}
