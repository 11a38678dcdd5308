// Sends one HTTP request with bounded size and time, and classifies each kind of failure.

import { readFileSync } from 'node:fs';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { createGunzip } from 'node:zlib';
import { timeoutAfter } from '../../../core/clock.ts';
import { AppError, orFault } from '../../../core/errors.ts';

interface HttpQuestion {
  url: string;
  method: 'GET' | 'POST';
  headers: Readonly<Record<string, string>>;
  body?: string;
  /** PEM file of the trusted authority. */
  ca?: string | undefined;
  timeoutSeconds: number;
  mostBytes?: number;
}

/** Per response: 11,000 points of 30 bytes for 100 series. Larger data is requested in smaller chunks. */
const mostAnswerBytes = 32 * 2 ** 20;

export interface WholeAnswer {
  kind: 'answered';
  status: number;
  text: string;
  /** Seconds; undefined if the header is missing or is a date in the past. */
  retryAfterSeconds?: number;
  /** Received bytes, compressed or not. */
  wireBytes: number;
}

export type HttpFailure =
  /** Retryable. `isCut`: a part arrived, so that a smaller chunk may arrive completely. */
  | { kind: 'failed'; reason: string; isCut: boolean; retryAfterSeconds?: number }
  /** A smaller chunk may succeed. */
  | { kind: 'too-much'; reason: string };

type HttpAnswer = WholeAnswer | HttpFailure;

/** @throws AppError config-unreadable for the CA file, or the reason of the signal; failures of the peer are values */
export async function exchange(question: HttpQuestion, { signal }: { signal: AbortSignal }): Promise<HttpAnswer> {
  const timeout = timeoutAfter(question.timeoutSeconds);
  const either = AbortSignal.any([signal, timeout]);
  let hasBegun = false;
  try {
    const response = await ask(question, either);
    hasBegun = true;
    return await readAnswer(response, question.mostBytes);
  } catch (cause) {
    if (signal.aborted) throw signal.reason;
    if (cause instanceof AppError) throw cause;
    if (timeout.aborted) {
      return { kind: 'failed', reason: `no whole answer within ${question.timeoutSeconds} s`, isCut: true };
    }
    const reason = (cause as Error).message || String((cause as NodeJS.ErrnoException).code);
    return { kind: 'failed', reason, isCut: hasBegun };
  }
}

function ask({ url, method, headers, body, ca }: HttpQuestion, signal: AbortSignal): Promise<IncomingMessage> {
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  const isTls = url.startsWith('https:');
  const options = { method, signal, headers: { 'Accept-Encoding': 'gzip', ...headers } };
  const sent = isTls
    ? httpsRequest(url, { ...options, ...(ca !== undefined && { ca: readAuthority(ca) }) }, resolve)
    : httpRequest(url, options, resolve);
  sent.on('error', reject);
  sent.end(body);
  return promise;
}

const readAuthority = (file: string): Buffer =>
  orFault(
    () => readFileSync(file),
    'config-unreadable',
    `cannot read the CA file ${file}`,
    'tls.ca of the source is a PEM file of the authority that signed its certificate',
  );

async function readAnswer(response: IncomingMessage, mostBytes = mostAnswerBytes): Promise<HttpAnswer> {
  let wireBytes = 0;
  response.on('data', (part: Buffer) => (wireBytes += part.length));
  const isPacked = response.headers['content-encoding'] === 'gzip';
  const plain = isPacked ? response.pipe(createGunzip()) : response;
  // A pipe does not forward errors.
  if (isPacked) response.on('error', (error) => plain.destroy(error));
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of plain as AsyncIterable<Buffer>) {
    size += part.length;
    if (size > mostBytes) {
      response.destroy();
      return { kind: 'too-much', reason: `the answer is longer than ${mostBytes} bytes` };
    }
    parts.push(part);
  }
  if (!response.complete) return { kind: 'failed', reason: 'the answer was cut off', isCut: true };
  const retryAfterSeconds = retryAfter(response.headers['retry-after']);
  return {
    kind: 'answered',
    status: response.statusCode ?? 0,
    text: Buffer.concat(parts).toString('utf8'),
    wireBytes,
    ...(retryAfterSeconds !== undefined && { retryAfterSeconds }),
  };
}

/** Seconds or a date: RFC 9110, 10.2.3. */
function retryAfter(header: string | undefined): number | undefined {
  if (header === undefined) return undefined;
  const seconds = /^\d{1,9}$/.test(header) ? Number(header) : (Date.parse(header) - Date.now()) / 1000;
  return seconds >= 0 ? seconds : undefined;
}
