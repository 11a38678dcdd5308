// Changes thread counts of a running broker in steps: Kafka refuses less than half or more than double of the current count.

import type { KafkaChanges } from '../../../brokers/kafka/changes/kafka-changes.ts';
import { type Clock, seconds } from '../../../core/clock.ts';
import { AppError } from '../../../core/errors.ts';

type Changes = Pick<KafkaChanges, 'settingsOf' | 'alterSettings'>;

/**
 * Message of Kafka's DynamicThreadPool and SocketServer. It contains the wanted and the current count, also if a
 * setting is deleted and the count of the broker's file applies again, which no request can read while another one is
 * set.
 */
const refusedCount =
  /thread count update validation failed for ([\w.-]+)=(\d+), value should .* the current value (\d+)/;

export const isThreadCount = (key: string): boolean => /threads|fetchers|thread\.pool\.size/.test(key);

/** A request succeeds when the controller has stored it; until the broker learns of it, it compares with the former count. */
const betweenAttempts = seconds(0.2);
const mostAttempts = 50;

/** @returns changes that use steps if a broker refuses a thread count as too far from the current one */
export function inThreadSteps(changes: Changes, clock: Clock): Changes {
  return {
    settingsOf: (of, keys, io) => changes.settingsOf(of, keys, io),
    async alterSettings(of, settings, io) {
      for (let attempt = 1; ; attempt += 1) {
        try {
          await changes.alterSettings(of, settings, io);
          return;
        } catch (cause) {
          const step = cause instanceof AppError ? stepOf(cause.message) : undefined;
          if (step === undefined || attempt === mostAttempts) throw cause;
          await changes.alterSettings(of, step, io);
          await clock.sleep(betweenAttempts, io);
        }
      }
    },
  };
}

function stepOf(refusal: string): Record<string, string> | undefined {
  const [, key, wanted, current] = refusedCount.exec(refusal) ?? [];
  if (key === undefined) return undefined;
  const count = Number(current);
  return { [key]: String(Number(wanted) > count ? count * 2 : Math.floor(count / 2)) };
}
