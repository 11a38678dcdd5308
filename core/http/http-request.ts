// Sends HTTP requests and reads the answers up to a size.

import { request as requestHttp, type IncomingMessage } from 'node:http';
import { request as requestHttps, type RequestOptions } from 'node:https';

/** @throws the error of `tooLong`, and closes the connection, as soon as the body exceeds `mostBytes` */
export async function textOf(
  { body }: { body: AsyncIterable<Uint8Array> | null },
  mostBytes: number,
  tooLong: () => Error,
): Promise<string> {
  const parts: Uint8Array[] = [];
  let size = 0;
  // Leaving the loop early closes the connection.
  for await (const part of body ?? []) {
    size += part.length;
    if (size > mostBytes) throw tooLong();
    parts.push(part);
  }
  return Buffer.concat(parts).toString('utf8');
}

/** @throws errors of the connection, the reason of the signal, and errors of `textOf` */
export async function requestText(url: URL, options: RequestOptions, mostBytes: number, tooLong: () => Error) {
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  const send = url.protocol === 'https:' ? requestHttps : requestHttp;
  send(url, options, resolve).on('error', reject).end();
  try {
    const response = await promise;
    const text = await textOf({ body: response }, mostBytes, tooLong);
    return { status: response.statusCode ?? 0, headers: response.headers, text };
  } catch (cause) {
    // Node reports an abort during the body as a reset of the connection.
    options.signal?.throwIfAborted();
    throw cause;
  }
}

/** @throws the error of `failed`; the signal's reason if aborted */
export async function responseOf(
  url: string,
  request: RequestInit & { signal: AbortSignal },
  failed: (reason: string, cause: unknown) => Error,
): Promise<Response> {
  try {
    return await fetch(url, request);
  } catch (cause) {
    if (request.signal.aborted) throw cause;
    throw failed((((cause as Error).cause as Error | undefined) ?? (cause as Error)).message, cause);
  }
}
