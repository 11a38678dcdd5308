// Rejects requests by their Accept header, origin and body type before an operation runs.

import express, { type Request, type RequestHandler } from 'express';
import { AppError, type FaultCode } from '../../core/errors.ts';

/** Room for large bodies: `plimsoll init` and examples/domains.yaml need 5 KB, 100 domains about 60. */
export const mostBodyBytes = 256 * 1024;

/** @throws AppError not-acceptable */
export const inJsonOnly: RequestHandler = (request, _response, next) => {
  if (request.accepts('application/json') !== false) return next();
  throw new AppError('not-acceptable', 'the Accept header excludes application/json');
};

/**
 * Rejects requests of other sites (CSRF). A page of another site can send a form with the user's credentials, but sends
 * JSON only after a CORS preflight, which this API does not permit; and browsers send the origin of a request.
 *
 * @throws AppError cross-site-request, body-not-json
 */
export const fromOwnSiteOnly: RequestHandler = (request, _response, next) => {
  if (!isFromOwnSite(request)) {
    throw new AppError('cross-site-request', 'cross-site request');
  }
  if (request.is('application/json') !== 'application/json') {
    throw new AppError('body-not-json', 'the Content-Type is not application/json');
  }
  next();
};

/** Whether a request comes from this site, by headers that browsers set. */
export function isFromOwnSite(request: Request): boolean {
  const site = request.get('Sec-Fetch-Site');
  return site === undefined ? isOwnOrigin(request) : site === 'same-origin' || site === 'none';
}

/** Programs send no Origin; browsers send scheme and host of the page. */
function isOwnOrigin(request: Request): boolean {
  const origin = request.get('Origin');
  if (origin === undefined) return true;
  const url = URL.parse(origin);
  return url !== null && url.host === request.get('Host');
}

export const readJson: RequestHandler = express.json({
  limit: mostBodyBytes,
  type: 'application/json',
  // Rejects compressed bodies, because a small one could expand to gigabytes.
  inflate: false,
});

/** Maps errors of reading path or body to faults. @returns undefined for errors that the client did not cause */
export function faultOfReading(error: unknown): AppError | undefined {
  if (error instanceof AppError) return error;
  if (
    error instanceof URIError ||
    (error instanceof Error && 'status' in error && error.status === 400 && !('type' in error))
  ) {
    return new AppError('request-invalid', 'the path is not percent-encoded UTF-8', { cause: error });
  }
  const type = error instanceof Error && 'type' in error ? String(error.type) : '';
  const fault = bodyFaults[type];
  return fault && new AppError(...fault, { cause: error });
}

/** Faults by the `type` of an error of body-parser. */
const bodyFaults: Readonly<Record<string, [code: FaultCode, message: string]>> = {
  'entity.too.large': ['body-too-large', `the body has more than ${mostBodyBytes / 1024} KiB`],
  'parameters.too.many': ['body-too-large', 'the body has too many fields'],
  'charset.unsupported': ['body-not-json', 'the body is compressed, or not in UTF-8'],
  'encoding.unsupported': ['body-not-json', 'the body is compressed, or not in UTF-8'],
  'entity.parse.failed': ['request-invalid', 'the body is not JSON'],
  'request.aborted': ['request-invalid', 'the body does not have the length in Content-Length'],
  'request.size.invalid': ['request-invalid', 'the body does not have the length in Content-Length'],
};
