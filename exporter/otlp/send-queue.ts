// Sends requests one after the other, retries retryable failures, and drops the oldest requests if too many wait.

import { type Clock, seconds, timeoutAfter } from '../../core/clock.ts';
import { endOfWait } from '../../core/errors.ts';
import type { Logger } from '../../core/log.ts';

/** Compressed size: hours of a small fleet, minutes of a page of a million series. */
const mostQueuedBytes = 64 * 2 ** 20;
const firstWaitSeconds = 1;
const longestWaitSeconds = 60;

/** OTLP specification, "Failures": only these are retried. */
const retryable = new Set([429, 502, 503, 504]);

export type Delivery =
  | { kind: 'accepted' }
  | { kind: 'refused'; reason: string }
  | { kind: 'failed'; reason: string; retryAfterSeconds?: number };

export type Outcome = 'accepted' | 'refused' | 'dropped';

export type SendQueue = ReturnType<typeof createSendQueue>;

export function createSendQueue(
  deliver: (body: Buffer, signal: AbortSignal) => Promise<Delivery>,
  { clock, log, note }: { clock: Clock; log: Logger; note(outcome: Outcome): void },
) {
  const queue: Buffer[] = [];
  let bytes = 0;
  let wake = () => {};

  function drop(body: Buffer, outcome: Outcome): void {
    const at = queue.indexOf(body);
    if (at < 0) return;
    queue.splice(at, 1);
    bytes -= body.length;
    note(outcome);
  }

  async function nextOf(signal: AbortSignal): Promise<Buffer | undefined> {
    while (queue.length === 0 && !signal.aborted) {
      const { promise, resolve } = Promise.withResolvers<void>();
      wake = resolve;
      await promise;
    }
    return signal.aborted ? undefined : queue[0];
  }

  return {
    get bytes() {
      return bytes;
    },
    add(body: Buffer) {
      queue.push(body);
      bytes += body.length;
      // The oldest values matter least.
      while (bytes > mostQueuedBytes && queue.length > 1) drop(queue[0] as Buffer, 'dropped');
      wake();
    },
    /** Removes and returns the waiting requests, in order. */
    takeAll() {
      bytes = 0;
      return queue.splice(0);
    },
    /** Sends until the signal aborts. Never rejects. */
    async run(signal: AbortSignal) {
      signal.addEventListener('abort', () => wake(), { once: true });
      let failures = 0;
      for (let body = await nextOf(signal); body !== undefined; body = await nextOf(signal)) {
        const delivery = await deliver(body, signal);
        if (delivery.kind === 'failed') {
          if (signal.aborted) return;
          // Logged once per outage; metrics count the rest.
          if (failures++ === 0) log.warn({ reason: delivery.reason }, 'cannot push metrics, trying again');
          const backoff = Math.min(longestWaitSeconds, firstWaitSeconds * 2 ** (failures - 1));
          const wait = Math.min(300, Math.max(backoff, delivery.retryAfterSeconds ?? 0));
          await clock.sleep(seconds(wait), { signal }).catch(endOfWait);
          continue;
        }
        if (delivery.kind === 'refused') {
          log.warn({ reason: delivery.reason }, 'the receiver rejected metrics; they are dropped');
        } else if (failures > 0) log.info({ failures }, 'metrics are pushed successfully again');
        failures = 0;
        drop(body, delivery.kind);
      }
    },
  };
}

/** @param url without credentials. @returns the outcome; rejects only if the signal aborts */
export async function post(
  url: string,
  {
    headers,
    body,
    timeoutSeconds,
    signal,
  }: { headers: () => Record<string, string>; body: Buffer; timeoutSeconds: number; signal: AbortSignal },
): Promise<Delivery> {
  try {
    const limit = AbortSignal.any([signal, timeoutAfter(timeoutSeconds)]);
    const response = await fetch(url, {
      method: 'POST',
      headers: headers(),
      body: new Uint8Array(body),
      signal: limit,
      redirect: 'error',
    });
    await response.body?.cancel();
    const { status } = response;
    if (status >= 200 && status < 300) return { kind: 'accepted' };
    const reason = `${url} answered with HTTP ${status}`;
    if (!retryable.has(status)) return { kind: 'refused', reason };
    const retryAfterSeconds = Number(response.headers.get('retry-after') ?? Number.NaN);
    return { kind: 'failed', reason, ...(Number.isFinite(retryAfterSeconds) && { retryAfterSeconds }) };
  } catch (cause) {
    const { name, message, cause: inner } = cause as Error;
    if (name === 'TimeoutError') return { kind: 'failed', reason: `${url} gave no answer within ${timeoutSeconds} s` };
    return { kind: 'failed', reason: `${url}: ${inner instanceof Error ? inner.message : message}` };
  }
}
