// Fetches an HTTP or HTTPS URL with TLS settings, which `fetch` does not accept; follows no redirect.

import { request as requestHttp, type IncomingMessage } from 'node:http';
import { request as requestHttps, type RequestOptions } from 'node:https';
import { textOf } from './http-text.ts';

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
