// Compresses text answers with gzip when the client accepts it.

import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { RequestHandler, Response } from 'express';

/** Compressing a smaller response saves no packet. */
const leastBytes = 1400;

/** Level 1 compresses 100,000 lines of exposition to a tenth, in a third of the time of level 6 (exporter/http-server.ts). */
const level = 1;

const text = /^(?:text\/|application\/(?:json|xml|javascript)|image\/svg\+xml)/;

const pack = promisify(gzip);

/**
 * Compresses responses sent in one piece; streamed or already compressed responses are unchanged. No response contains
 * both a secret and text of the client, so its length reveals nothing.
 */
export function createCompression(): RequestHandler {
  return (request, response, next) => {
    const end = response.end.bind(response);
    const isTaken = request.acceptsEncodings('gzip', 'identity') === 'gzip';

    function endPacked(this: Response, ...given: Parameters<Response['end']>): Response {
      const [body, coding] = given as [unknown, unknown];
      if (!isWorthIt(response)) return end(...given);
      response.vary('Accept-Encoding');
      const bytes = bytesOf(body, coding);
      if (!isTaken) return end(...given);
      if (request.method === 'HEAD') response.removeHeader('Content-Length');
      if (bytes === undefined || bytes.length < leastBytes) return end(...given);
      void pack(bytes, { level }).then(
        (packed) => {
          if (response.destroyed) return;
          response.set({ 'Content-Encoding': 'gzip', 'Content-Length': String(packed.length) });
          end(packed);
        },
        (error: Error) => response.destroy(error),
      );
      return response;
    }

    response.end = endPacked as Response['end'];
    next();
  };
}

function bytesOf(body: unknown, coding: unknown): Uint8Array | undefined {
  if (typeof body === 'string')
    return Buffer.from(body, typeof coding === 'string' ? (coding as BufferEncoding) : 'utf8');
  return body instanceof Uint8Array ? body : undefined;
}

function isWorthIt(response: Response): boolean {
  return (
    !response.headersSent &&
    response.statusCode !== 204 &&
    response.statusCode !== 304 &&
    response.getHeader('Content-Encoding') === undefined &&
    text.test(String(response.getHeader('Content-Type') ?? ''))
  );
}
