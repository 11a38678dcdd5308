// Decides whether a failed send was refused or has an unknown outcome; only a broker's answer is certain.

import { AppError, type FaultCode } from '../core/errors.ts';

/** Faults after which it is certain that the broker refused, or got no request. */
const refusals: ReadonlySet<FaultCode> = new Set([
  'broker-busy',
  'broker-refused',
  'credentials-refused',
  'unsupported-broker',
]);

/**
 * Answers after which the message may be stored: Kafka's log has it but a replica does not, or the wait for replicas
 * timed out; RocketMQ stored it less durably than configured (rocketmq/ask.ts). A DLedger leader that appended
 * a message and did not hear from a majority in time answers as for a busy page cache, or with an unknown error
 * (RocketMQ 4.9 and 5.3, DLedgerCommitLog). A proxy answers INTERNAL_SERVER_ERROR for any failure between it and the
 * broker.
 */
const perhapsStored =
  /NOT_ENOUGH_REPLICAS_AFTER_APPEND|REQUEST_TIMED_OUT|NETWORK_EXCEPTION|stored there|\[PC_SYNCHRONIZED\]|: UNKNOWN_ERROR\b|\bINTERNAL_SERVER_ERROR\b/;

export function fateOfFailure(error: unknown): 'refused' | 'unknownFate' {
  if (!(error instanceof AppError) || !refusals.has(error.code)) return 'unknownFate';
  return perhapsStored.test(error.message) ? 'unknownFate' : 'refused';
}

/** @returns the failure that represents a whole send: one with an unknown outcome, else the first */
export const leastCertain = (failures: readonly unknown[]): unknown =>
  failures.find((failure) => fateOfFailure(failure) === 'unknownFate') ?? failures[0];

/** Resolves when all are sent. @throws the least certain failure, after all have ended */
export async function allSent(sends: readonly Promise<void>[]): Promise<void> {
  const outcomes = await Promise.allSettled(sends);
  const failures = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason as unknown] : []));
  if (failures.length > 0) throw leastCertain(failures);
}
