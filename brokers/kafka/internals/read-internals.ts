// Reads broker metrics over HTTP from a JMX exporter or Jolokia agent, detected by the response.

import { z } from 'zod';
import { AppError } from '../../../core/errors.ts';
import type { Io } from '../../driver.ts';
import type { BrokerInternals } from '../details.ts';
import { createBeanReadings } from './bean-readings.ts';
import type { InternalsSource } from './config.ts';
import { readJmxPage } from './jmx-exporter-page.ts';
import { encodeJolokiaReads, parseJolokiaAnswers } from './jolokia.ts';

/** A broker's allow-list as JSON has about 100 kB. */
const maxJolokiaBytes = 16 * 1024 * 1024;

/** @throws AppError broker-unreachable, broker-refused, credentials-refused, answer-unreadable, secret-unreadable */
export async function readInternals(source: InternalsSource, broker: string, io: Io): Promise<BrokerInternals> {
  // Jolokia answers below its path only, and most people leave the slash away.
  const url = (typeof source === 'string' ? source : source.url).replace(/\/jolokia$/, '/jolokia/');
  const headers = typeof source === 'string' ? {} : { Authorization: basic(source.username, source.password.reveal()) };
  const ask = (body?: string) =>
    askOver(url, { headers, signal: io.signal, ...(body !== undefined && { method: 'POST', body }) });
  const readings = createBeanReadings();

  const response = await ask();
  const agent = isJson(response) ? 'jolokia' : 'jmx-exporter';
  if (agent === 'jolokia') {
    await response.body?.cancel();
    await readJolokia(url, await ask(encodeJolokiaReads()), readings);
  } else {
    await readJmxPage(url, bodyOf(response), readings);
  }
  const { values, dropped } = readings.report();
  if (values.length === 0) {
    throw new AppError('answer-unreadable', `${url} of broker ${broker} has none of the figures of a Kafka broker`, {
      hint: 'give the metrics page of the JMX exporter, or the URL of the Jolokia agent, of the broker itself',
    });
  }
  return { broker, agent, values, dropped };
}

async function readJolokia(
  url: string,
  response: Response,
  readings: Parameters<typeof parseJolokiaAnswers>[1],
): Promise<void> {
  const parts: Uint8Array[] = [];
  let bytes = 0;
  for await (const part of bodyOf(response)) {
    bytes += part.length;
    if (bytes > maxJolokiaBytes) throw unreadable(url, `it answered with more than ${maxJolokiaBytes} bytes`);
    parts.push(part);
  }
  let refusal: string | undefined;
  try {
    refusal = parseJolokiaAnswers(Buffer.concat(parts).toString('utf8'), readings);
  } catch (cause) {
    throw unreadable(
      url,
      cause instanceof z.ZodError ? 'its answer is none of a Jolokia agent' : (cause as Error).message,
    );
  }
  if (refusal !== undefined)
    throw new AppError('broker-refused', `the Jolokia agent ${url} refused every read: ${refusal}`);
}

function unreadable(url: string, why: string): AppError {
  return new AppError('answer-unreadable', `cannot read what ${url} answered: ${why}`);
}

const basic = (username: string, password: string) =>
  `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;

const isJson = (response: Response) => /\bjson\b/i.test(response.headers.get('content-type') ?? '');

async function* bodyOf(response: Response): AsyncIterable<Uint8Array> {
  if (response.body !== null) yield* response.body;
}

async function askOver(url: string, request: RequestInit & { signal: AbortSignal }): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(url, { ...request, redirect: 'error' });
  } catch (cause) {
    if (request.signal.aborted) throw cause;
    const { message } = ((cause as Error).cause as Error | undefined) ?? (cause as Error);
    throw new AppError('broker-unreachable', `cannot read ${url}: ${message}`, {
      cause,
      hint: 'check the URL under clusters.<name>.jmx, and that the agent listens where Plimsoll runs',
    });
  }
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
