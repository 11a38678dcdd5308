// Sends HTTP requests to the JMX exporter or Jolokia agent of a broker, detected by its response.

import { AppError } from '../../../core/errors.ts';
import { authorizationHeader } from '../../../core/http/http-config.ts';
import { textOf, responseOf } from '../../../core/http/http-request.ts';
import type { Io } from '../../driver.ts';
import type { InternalsSource } from './config.ts';

/** The allow-list of a broker is about 100 kB of JSON. */
const maxJolokiaBytes = 16 * 1024 * 1024;

export interface Agent {
  url: string;
  kind: 'jolokia' | 'jmx-exporter';
  /** The metrics page of a JMX exporter; empty for Jolokia. */
  page: AsyncIterable<Uint8Array>;
  /** Posts a request to Jolokia. @throws AppError broker-unreachable, broker-refused, credentials-refused, answer-unreadable */
  post(body: string): Promise<string>;
}

/** @throws AppError broker-unreachable, broker-refused, credentials-refused, secret-unreadable */
export async function openAgent(source: InternalsSource, io: Io): Promise<Agent> {
  // Jolokia answers only below its path, and most people omit the slash.
  const url = (typeof source === 'string' ? source : source.url).replace(/\/jolokia$/, '/jolokia/');
  const headers = typeof source === 'string' ? {} : authorizationHeader(source);
  const ask = (body?: string) =>
    askOver(url, { headers, signal: io.signal, ...(body !== undefined && { method: 'POST', body }) });
  const tooLong = () => unreadable(url, `the response has more than ${maxJolokiaBytes} bytes`);
  const response = await ask();
  const isJolokia = isJson(response);
  if (isJolokia) await response.body?.cancel();
  return {
    url,
    kind: isJolokia ? 'jolokia' : 'jmx-exporter',
    page: isJolokia ? bodyOf(new Response()) : bodyOf(response),
    post: async (body) => textOf(await ask(body), maxJolokiaBytes, tooLong),
  };
}

export function unreadable(url: string, why: string): AppError {
  return new AppError('answer-unreadable', `cannot read the response of ${url}: ${why}`, {
    hint: 'check that `jmx.url` is the address of a Jolokia agent or of a JMX exporter',
  });
}

const isJson = (response: Response) => /\bjson\b/i.test(response.headers.get('content-type') ?? '');

async function* bodyOf(response: Response): AsyncIterable<Uint8Array> {
  if (response.body !== null) yield* response.body;
}

async function askOver(url: string, request: RequestInit & { signal: AbortSignal }): Promise<Response> {
  const hint = 'check the URL under clusters.<name>.jmx, and that this host can reach the agent';
  const response = await responseOf(
    url,
    { ...request, redirect: 'error' },
    (reason, cause) => new AppError('broker-unreachable', `cannot read ${url}: ${reason}`, { cause, hint }),
  );
  if (response.ok) return response;
  await response.body?.cancel();
  if (response.status === 401 || response.status === 403) {
    throw new AppError('credentials-refused', `${url} answered with HTTP ${response.status}`, {
      hint: 'check username and password under clusters.<name>.jmx',
    });
  }
  throw new AppError('broker-refused', `${url} answered with HTTP ${response.status}`, {
    hint: 'check the path of the URL under clusters.<name>.jmx, such as /metrics or /jolokia',
  });
}
