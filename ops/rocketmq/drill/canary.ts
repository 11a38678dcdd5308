// Measures a producer's write gap after the loss of a leader: one message at a time to one queue, retried until stored.

import type { Io, TrafficProducer } from '../../../brokers/driver.ts';
import { AppError, endOfWait } from '../../../core/errors.ts';
import { type Clock, seconds } from '../../../core/clock.ts';

/** Ten messages per second, so gaps are measured to a tenth of a second. */
const pause = seconds(0.1);
/** Same as sendMsgTimeout of Java clients. */
const answerMs = 3000;

export interface CanaryRecord {
  /** Monotonic seconds of each acknowledgement, by message number. */
  acknowledgedAt: number[];
  /** Number of messages sent more than once. */
  retried: number;
  failures: number;
}

export function createCanary(producer: TrafficProducer, topic: string, clock: Clock) {
  const record: CanaryRecord = { acknowledgedAt: [], retried: 0, failures: 0 };
  return {
    record,
    /**
     * Resolves after the signal aborts and the last message is acknowledged or given up.
     *
     * @throws AppError credentials-refused, which retries cannot fix
     */
    async run({ signal }: Io): Promise<void> {
      while (!signal.aborted) {
        const value = Buffer.from(String(record.acknowledgedAt.length));
        let attempts = 0;
        while (!signal.aborted) {
          attempts += 1;
          try {
            const limit = AbortSignal.any([signal, AbortSignal.timeout(answerMs)]);
            await producer.send({ topic, partition: 0, values: [value] }, { signal: limit });
            record.acknowledgedAt.push(clock.monotonic());
            break;
          } catch (cause) {
            if (signal.aborted) return;
            const isRepeated =
              cause instanceof AppError ? cause.code !== 'credentials-refused' : cause instanceof DOMException;
            if (!isRepeated) throw cause;
            record.failures += 1;
          }
          await clock.sleep(pause, { signal }).catch(endOfWait);
        }
        if (attempts > 1) record.retried += 1;
        await clock.sleep(pause, { signal }).catch(endOfWait);
      }
    },
  };
}

/** @returns the longest time between two acknowledgements, of which the second is after `since` */
export function longestGap(
  { acknowledgedAt }: Pick<CanaryRecord, 'acknowledgedAt'>,
  since: number,
): number | undefined {
  let longest: number | undefined;
  for (let index = 1; index < acknowledgedAt.length; index++) {
    const [before = 0, after = 0] = [acknowledgedAt[index - 1], acknowledgedAt[index]];
    if (after >= since) longest = Math.max(longest ?? 0, after - before);
  }
  return longest;
}

/**
 * @param values of the queue from start to end
 * @returns `doubled`: stored more than once, because a message was sent again after a lost response; `outOfOrder`:
 *   first copies after a higher number
 */
export function readBack(values: readonly string[], acknowledged: number) {
  const seen = new Set<number>();
  let [highest, outOfOrder] = [-1, 0];
  for (const value of values) {
    const number = Number(value);
    if (!Number.isInteger(number) || seen.has(number)) continue;
    seen.add(number);
    if (number < highest) outOfOrder += 1;
    highest = Math.max(highest, number);
  }
  const present = [...seen].filter((number) => number < acknowledged).length;
  return { stored: values.length, lost: acknowledged - present, doubled: values.length - seen.size, outOfOrder };
}
