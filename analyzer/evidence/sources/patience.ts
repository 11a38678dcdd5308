// Retries a failed query with exponential backoff, or after the delay that the server names, up to a limit.

import type { Clock } from '../../../core/clock.ts';
import { seconds } from '../../../core/units.ts';
import type { ApiAnswer } from './prometheus-api.ts';

const mostAttempts = 5;
const firstWaitSeconds = 0.5;
const longestWaitSeconds = 30;
/** A server may ask for a longer delay; one run does not wait that long. */
const longestNamedWaitSeconds = 120;

/** @returns the wait before the next attempt, of which `attempt` (from 1) have failed */
function waitSeconds(attempt: number, retryAfterSeconds: number | undefined): number {
  if (retryAfterSeconds !== undefined) return Math.min(retryAfterSeconds, longestNamedWaitSeconds);
  return Math.min(longestWaitSeconds, firstWaitSeconds * 2 ** (attempt - 1));
}

/** A smaller piece may come whole where a large one was cut off so often. */
const attemptsAtLarge = 2;

/**
 * @param canShrink whether a smaller chunk can be requested when this one is cut off
 * @param attempts at most; a page request waits for one only
 * @returns the first success, or the last failure
 */
export async function patiently(
  question: () => Promise<ApiAnswer>,
  {
    clock,
    signal,
    canShrink = false,
    attempts = mostAttempts,
  }: { clock: Clock; signal: AbortSignal; canShrink?: boolean; attempts?: number },
): Promise<ApiAnswer> {
  for (let attempt = 1; ; attempt++) {
    const answer = await question();
    if (answer.kind !== 'failed') return answer;
    if (attempt >= (answer.isCut && canShrink ? Math.min(attempts, attemptsAtLarge) : attempts)) return answer;
    await clock.sleep(seconds(waitSeconds(attempt, answer.retryAfterSeconds)), { signal });
  }
}
