// Defines an input of the load guard: value, bounds, maximum age, and what stops when they are exceeded.

import { AppError } from '../../core/errors.ts';
import type { Clock } from '../../core/clock.ts';
import { seconds } from '../../core/units.ts';
import { endOfWait } from '../../core/ignore-fault.ts';
import type { Breach } from './guard.ts';
import { quantityText } from '../../core/text/quantity-text.ts';

export interface GuardInput {
  /** In words for people. */
  name: string;
  everySeconds: number;
  /** How old the last figure may grow (default two intervals); Infinity where no figure is no danger. */
  oldestSeconds?: number;
  above?: number;
  below?: number;
  ends: Breach['ends'];
  /** Message for a missing value (default: it has no figure). */
  absence?: string;
  /** Why the load ends, if the figure itself does not explain it. */
  reason?: string;
  /** @returns the worst figure now, undefined when there is none. @throws AppError as its source answers */
  read(io: { signal: AbortSignal }): Promise<number | undefined>;
}

/** An input that is older than this many of its intervals is as good as a breach: the load would run blind. */
const oldestIntervals = 2;
/** An input that hangs is abandoned and read again. */
const leastTimeoutSeconds = 1;

/** @returns seconds a reading of an input may take that is looked at every so many */
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
 * @param onBreach called as soon as a figure is seen, and as soon as none was seen for two intervals
 */
export async function watchInput(
  input: GuardInput,
  { clock, signal, onBreach }: { clock: Clock; signal: AbortSignal; onBreach: (breach: Breach) => void },
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
    if (value !== undefined) {
      seenAt = now;
      trouble = absence;
      const breach = judgeInput(input, value);
      if (breach !== undefined) onBreach(breach);
    } else if (now - seenAt >= oldestSeconds) {
      const age = Math.round(now - seenAt);
      onBreach({ input: name, reason: `${name} was not seen for ${age} s: ${trouble}`, ends });
    }
    await clock.sleep(seconds(Math.max(0, startedAt + everySeconds - clock.monotonic())), { signal }).catch(endOfWait);
  }
}

/** @throws AppError guard-input-unreadable when it takes too long; as its source answers */
export async function readInTime(
  input: GuardInput,
  { clock, signal }: { clock: Pick<Clock, 'sleep'>; signal: AbortSignal },
): Promise<number | undefined> {
  const over = new AbortController();
  const io = { signal: AbortSignal.any([signal, over.signal]) };
  const patience = timeoutOf(input.everySeconds);
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
