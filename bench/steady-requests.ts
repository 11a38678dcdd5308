// Sends requests at a steady rate, and times each response from its due time.

import { Agent, request } from 'node:http';
import { createHistogram, type RecordableHistogram } from 'node:perf_hooks';
import { setTimeout } from 'node:timers/promises';

export interface Asking {
  method: 'GET' | 'POST';
  path: string;
  body?: string;
  headers?: Readonly<Record<string, string>>;
}

interface Answered {
  requests: number;
  /** Statuses other than 2xx, and broken connections, each with its count. */
  failed: ReadonlyMap<string, number>;
  /** Microseconds from the due time of a request to its last byte. */
  micros: RecordableHistogram;
}

/** @param next returns the nth request */
export async function askSteadily(
  url: string,
  { rate, seconds, next }: { rate: number; seconds: number; next: (turn: number) => Asking },
  { signal }: { signal: AbortSignal },
): Promise<Answered> {
  const agent = new Agent({ keepAlive: true });
  const micros = createHistogram();
  const failed = new Map<string, number>();
  const fail = (why: string) => void failed.set(why, (failed.get(why) ?? 0) + 1);
  const underWay = new Set<Promise<void>>();
  const began = performance.now();
  const turns = Math.round(rate * seconds);
  for (let turn = 0; turn < turns; turn++) {
    const due = began + (turn / rate) * 1000;
    const wait = due - performance.now();
    if (wait > 0) await setTimeout(wait, undefined, { signal });
    const asked = askOnce(agent, url, next(turn)).then(
      ({ status }) => {
        micros.record(Math.max(1, Math.round((performance.now() - due) * 1000)));
        if (status < 200 || status > 299) fail(String(status));
      },
      (error: NodeJS.ErrnoException) => fail(error.code ?? error.message),
    );
    underWay.add(asked);
    void asked.finally(() => underWay.delete(asked));
  }
  await Promise.all(underWay);
  agent.destroy();
  return { requests: turns, failed, micros };
}

/** Sends a request like a browser, with compression. */
export function askOnce(
  agent: Agent | undefined,
  url: string,
  { method, path, body, headers: more }: Asking,
): Promise<{ status: number; length: number }> {
  const { promise, resolve, reject } = Promise.withResolvers<{ status: number; length: number }>();
  const headers = {
    'Accept-Encoding': 'gzip',
    ...(body !== undefined && { 'Content-Type': 'application/json' }),
    ...more,
  };
  const asking = request(new URL(path, url), { method, headers, ...(agent && { agent }) }, (response) => {
    let length = 0;
    response.on('data', (chunk: Buffer) => (length += chunk.length));
    response.on('end', () => resolve({ status: response.statusCode ?? 0, length }));
    response.on('error', reject);
  });
  asking.on('error', reject);
  asking.end(body);
  return promise;
}
