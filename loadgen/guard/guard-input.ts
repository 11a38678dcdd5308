// Defines an input of the load guard: value, bounds, maximum age, and what stops when they are exceeded.

import { AppError, endOfWait } from '../../core/errors.ts';
import { type Clock, seconds } from '../../core/clock.ts';
import type { Breach } from './guard.ts';
import type { WatchedLimit } from '../../core/documents/watched-limit.ts';
import { quantityText } from '../../core/text/quantity-text.ts';

export interface GuardInput {
  /** Name in messages for people. */
  name: string;
  everySeconds: number;
  /** Maximum age of the last value (default two intervals); Infinity if a missing value is not a risk. */
  oldestSeconds?: number;
  /** A reading that takes longer is abandoned and repeated (default one interval, at least a second). */
  timeoutSeconds?: number;
  above?: number;
  below?: number;
  ends: Breach['ends'];
  /** Absent for an event, such as a stop request. */
  watches?: Pick<WatchedLimit, 'kind' | 'name'>;
  /** Message for a missing value; has a default. */
  absence?: string;
  /** Why the load ends, if the figure itself does not explain it. */
  reason?: string;
  /** @returns the worst current value, undefined if there is none. @throws AppError from its source */
  read(io: { signal: AbortSignal }): Promise<number | undefined>;
}

/** Intervals without a value that count as a breach: the load would run unmonitored. */
const oldestIntervals = 2;
const leastTimeoutSeconds = 1;

/** @returns timeout of a reading in seconds, for an input that is read at this interval */
export const timeoutOf = (everySeconds: number): number => Math.max(leastTimeoutSeconds, everySeconds);

export function judgeInput({ name, above, below, ends, reason }: GuardInput, value: number): Breach | undefined {
  const breach = (word: string, limit: number) => ({
    input: name,
    reason: reason ?? `${name} is ${quantityText(value)}, ${word} ${quantityText(limit)}`,
    value,
    limit,
    ends,
  });
  if (above !== undefined && value > above) return breach('above', above);
  if (below !== undefined && value < below) return breach('below', below);
  return undefined;
}

/**
 * Watches until the signal aborts, also after a breach.
 * @param onBreach called for each value out of bounds, and when there was no value for two intervals
 */
export async function watchInput(
  input: GuardInput,
  {
    clock,
    signal,
    onBreach,
    onValue,
  }: {
    clock: Clock;
    signal: AbortSignal;
    onBreach: (breach: Breach) => void;
    onValue?: (value: number | undefined) => void;
  },
): Promise<void> {
  const {
    name,
    everySeconds,
    ends,
    oldestSeconds = oldestIntervals * everySeconds,
    absence = 'it has no value',
  } = input;
  let seenAt = clock.monotonic();
  let trouble = absence;
  while (!signal.aborted) {
    const startedAt = clock.monotonic();
    const value = await readInTime(input, { clock, signal }).catch((cause: unknown) => {
      trouble = cause instanceof AppError ? cause.message : String(cause);
      return undefined;
    });
    if (signal.aborted) return;
    const now = clock.monotonic();
    onValue?.(value);
    if (value !== undefined) {
      seenAt = now;
      trouble = absence;
      const breach = judgeInput(input, value);
      if (breach !== undefined) onBreach(breach);
    } else if (now - seenAt >= oldestSeconds) {
      const age = Math.round(now - seenAt);
      onBreach({
        input: name,
        reason: `${name} was not seen for ${age} s: ${trouble.replace(`${name} `, 'it ')}`,
        ends,
      });
    }
    await clock.sleep(seconds(Math.max(0, startedAt + everySeconds - clock.monotonic())), { signal }).catch(endOfWait);
  }
}

/** @throws AppError guard-input-unreadable on timeout, and errors of its source */
export async function readInTime(
  input: GuardInput,
  { clock, signal }: { clock: Pick<Clock, 'sleep'>; signal: AbortSignal },
): Promise<number | undefined> {
  const over = new AbortController();
  const io = { signal: AbortSignal.any([signal, over.signal]) };
  const { timeoutSeconds: patience = timeoutOf(input.everySeconds) } = input;
  const late = clock.sleep(seconds(patience), io).then(
    () => {
      throw new AppError('guard-input-unreadable', `${input.name} did not answer within ${patience} s`);
    },
    () => undefined,
  );
  try {
    return await Promise.race([input.read(io), late]);
  } finally {
    over.abort();
  }
}
