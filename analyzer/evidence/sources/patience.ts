// Retries a failed query with exponential backoff, or after the delay that the server names, up to a limit.

import { type Clock, seconds } from '../../../core/clock.ts';
import type { ApiAnswer } from './prometheus-api.ts';

const mostAttempts = 5;
const firstWaitSeconds = 0.5;
const longestWaitSeconds = 30;
/** A server may request a longer delay, but one run does not wait that long. */
const longestNamedWaitSeconds = 120;

/** @param attempt number of failed attempts, from 1 @returns the wait before the next attempt */
function waitSeconds(attempt: number, retryAfterSeconds: number | undefined): number {
  if (retryAfterSeconds !== undefined) return Math.min(retryAfterSeconds, longestNamedWaitSeconds);
  return Math.min(longestWaitSeconds, firstWaitSeconds * 2 ** (attempt - 1));
}

/** After this many cut-off attempts, a smaller chunk may arrive completely. */
const attemptsAtLarge = 2;

/**
 * @param canShrink whether a smaller chunk can be requested if this one is cut off
 * @param attempts at most; for a page request, only one
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
