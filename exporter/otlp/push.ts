// Pushes the metrics page by OTLP/HTTP at intervals; values keep the time of their reading, even if they arrive late.

import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { Counter, Gauge, Registry } from 'prom-client';
import { type Clock, seconds, timeoutAfter } from '../../core/clock.ts';
import { authorizationHeader } from '../../core/http/http-authorization.ts';
import { endOfWait } from '../../core/errors.ts';
import type { Logger } from '../../core/log.ts';
import { labelled } from '../collector.ts';
import type { MetricsPage } from '../metrics-page.ts';
import { declaredIn, familiesOf, type FamilySource } from '../prom-client-families.ts';
import type { OtlpConfig } from './config.ts';
import { metricsOf } from './page-metrics.ts';

/** Receivers accept at least 4 MiB; encoding takes a few milliseconds. */
const mostPoints = 2000;

export const otlpMetrics = {
  plimsoll_otlp_requests_total: labelled('outcome').counter(
    'Requests of the OTLP push: accepted, rejected by the receiver, or dropped because too many waited or the push ended.',
  ),
  plimsoll_otlp_queue_bytes: labelled().gauge('Compressed requests of the OTLP push that wait for the receiver.'),
};

export type OtlpPush = ReturnType<typeof createOtlpPush>;

/** Survives each push: a config reload creates a new one before it ends the old one. */
export interface OtlpCounts {
  note(outcome: Outcome): void;
  /** The latest push takes over unsent requests of an earlier push to the same receiver. */
  latest?: { receiver: string; queue: Pick<SendQueue, 'add' | 'bytes'> };
  families: FamilySource;
}

export function createOtlpCounts(): OtlpCounts {
  const registry = new Registry();
  const declared = declaredIn(otlpMetrics, registry);
  const counter = new Counter(declared('plimsoll_otlp_requests_total'));
  const gauge = new Gauge(declared('plimsoll_otlp_queue_bytes'));
  const families = familiesOf(registry);
  for (const outcome of ['accepted', 'refused', 'dropped']) counter.inc({ outcome }, 0);
  const counts: OtlpCounts = {
    note: (outcome) => counter.inc({ outcome }),
    families: () => {
      gauge.set(counts.latest?.queue.bytes ?? 0);
      return families();
    },
  };
  return counts;
}

/** @param instance keeps the counters of several pushes of the same metrics in separate series */
export function createOtlpPush(
  { url, every, timeout, authorization, headers, attributes }: OtlpConfig,
  {
    page,
    counts,
    instance,
    clock,
    log,
  }: { page: Pick<MetricsPage, 'render'>; counts: OtlpCounts; instance: string; clock: Clock; log: Logger },
) {
  const end = new AbortController();
  // Read for each request, because secret files change.
  const headersNow = () => ({
    ...Object.fromEntries(Object.entries(headers).map(([name, secret]) => [name, secret.reveal()])),
    ...authorizationHeader(authorization),
    'Content-Type': 'application/x-protobuf',
    'Content-Encoding': 'gzip',
  });
  const queue = createSendQueue(
    (body, signal) => post(url, { headers: headersNow, body, timeoutSeconds: timeout, signal }),
    { clock, log, note: (outcome) => counts.note(outcome) },
  );
  const receiver = JSON.stringify([url, authorization, headers]);
  counts.latest = { receiver, queue };
  let running: Promise<unknown> | undefined;

  async function collect(): Promise<void> {
    const { encodeRequest } = await import('./protobuf.ts');
    using rendered = await page.render({ signal: AbortSignal.any([end.signal, timeoutAfter(every / 2)]) });
    const readAt = clock.now().getTime();
    const resource = { 'service.name': 'plimsoll', 'service.instance.id': instance, ...attributes };
    for await (const metrics of metricsOf(rendered.chunks('text'), mostPoints)) {
      queue.add(await compressed(encodeRequest(metrics, resource, readAt)));
    }
  }

  async function collectAll(): Promise<void> {
    while (!end.signal.aborted) {
      try {
        await collect();
      } catch (err) {
        if (!end.signal.aborted) log.error({ err }, 'cannot read the metrics to push');
      }
      await clock.sleep(seconds(every), { signal: end.signal }).catch(endOfWait);
    }
  }

  return {
    start() {
      running = Promise.all([collectAll(), queue.run(end.signal)]);
    },
    async [Symbol.asyncDispose]() {
      end.abort();
      await running;
      const waiting = queue.takeAll();
      const { latest } = counts;
      const next = latest?.queue !== queue && latest?.receiver === receiver ? latest.queue : undefined;
      for (const body of waiting) {
        if (next === undefined) counts.note('dropped');
        else next.add(body);
      }
      if (next === undefined && waiting.length > 0) {
        log.warn({ requests: waiting.length }, 'the push ended; metrics that waited for the receiver are dropped');
      }
    },
  };
}

const compressed = promisify(gzip) as (bytes: Buffer) => Promise<Buffer>;

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

type Outcome = 'accepted' | 'refused' | 'dropped';

type SendQueue = ReturnType<typeof createSendQueue>;

/** Sends requests one after the other, retries retryable failures, and drops the oldest requests if too many wait. */
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
