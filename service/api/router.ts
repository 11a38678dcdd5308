// Serves the operations of the registry below /api/v1, with ETags, allowed methods and faults.

import { createHash } from 'node:crypto';
import { Router, type ErrorRequestHandler, type Request, type RequestHandler, type Response } from 'express';
import { AppError } from '../../core/errors.ts';
import type { ServiceParts } from '../parts.ts';
import { fromOwnSiteOnly, inJsonOnly, readJson } from './gate.ts';
import { apiRoot } from './openapi.ts';
import type { ApiParts, Operation } from './operation.ts';
import { shown } from './read-request.ts';
import { operations } from './registry.ts';
import { shownFault } from './statuses.ts';

const busySeconds = 2;

export type RouterParts = ApiParts &
  Pick<ServiceParts, 'log'> & {
    /** The OpenAPI document as text. */
    openApi: string;
    /** Identifies the clusters that these parts are limited to; empty if unlimited. */
    set: string;
  };

/** Creates a router that serves /api/v1: mount it at the root, or at the path prefix. */
export function createApiRouter({ log, openApi, set, ...parts }: RouterParts): Router {
  // Part of the ETag, because another program version may render the same data differently, and visitors may see other
  // clusters.
  const version = digest(`${openApi}${set}`);
  const router = Router({ caseSensitive: true, strict: true });
  router.use(apiRoot, common, inJsonOnly);

  for (const [path, own] of Map.groupBy(operations as readonly Operation[], (each) => each.path)) {
    const route = routeAt(router, path.replaceAll(/\{(\w+)\}/g, ':$1'));
    for (const each of own) {
      const gates: RequestHandler[] = [
        ...(each.body === undefined ? [] : [fromOwnSiteOnly]),
        ...(each.isChange === true ? [parts.access.operatorsOnly] : []),
        ...(each.isForAdmins === true ? [parts.access.adminsOnly] : []),
        ...(each.body === undefined ? [] : [readJson]),
      ];
      route[each.method](...gates, (request, response) => answer(each, { request, response, parts, version }));
    }
    closed(
      route,
      own.map(({ method }) => method),
    );
  }

  const ofDocument = routeAt(router, '/openapi.json');
  ofDocument.get((request, response) => {
    const tag = `W/"${version}"`;
    if (isKnown(request, response, tag)) return;
    response.type('json').send(openApi);
  });
  closed(ofDocument, ['get']);

  router.use(apiRoot, (request) => {
    throw new AppError('not-found', `unknown path ${shown(request.path)}`, {
      hint: `${apiRoot}/openapi.json lists them`,
    });
  });
  router.use(apiRoot, refusing(log));
  return router;
}

const common: RequestHandler = (_request, response, next) => {
  response.set({
    'Cache-Control': 'no-store',
    // Prevents a browser from rendering a response as anything but text.
    'Content-Security-Policy': "default-src 'none'; frame-ancestors 'none'",
    'X-Content-Type-Options': 'nosniff',
    // Needed for 304 too, which is never compressed.
    Vary: 'Accept-Encoding',
  });
  next();
};

/** `string`, not a literal, because the parameter types derived from each path would differ. */
const routeAt = (router: Router, path: string) => router.route<string>(`${apiRoot}${path}`);

function closed(route: ReturnType<typeof routeAt>, methods: readonly Operation['method'][]): void {
  const allowed = [
    ...(methods.includes('get') ? ['GET', 'HEAD'] : []),
    ...(methods.includes('post') ? ['POST'] : []),
    'OPTIONS',
  ];
  route.options((_request, response) => void response.set('Allow', allowed.join(', ')).status(204).end());
  route.all((request, response) => {
    response.set('Allow', allowed.join(', '));
    throw new AppError('method-not-allowed', `${request.method} is not supported by this path`);
  });
}

interface Exchange {
  request: Request;
  response: Response;
  parts: ApiParts;
  version: string;
}

async function answer(each: Operation, { request, response, parts, version }: Exchange): Promise<void> {
  const gone = new AbortController();
  response.once('close', () => gone.abort());
  const tag = tagOf(each, request, parts, version);
  if (tag !== undefined && isKnown(request, response, tag)) return;
  const user = parts.access.userOf(request);
  try {
    const body = await each.respond(request, { user, signal: gone.signal }, parts);
    response.status(each.status ?? 200).json(body);
  } catch (error) {
    // The client disconnected.
    if (!gone.signal.aborted) throw error;
  }
}

/** Returns the ETag of a response, which is unchanged while its sources are. Weak, because compression changes the bytes. */
function tagOf(
  { madeOf }: Operation,
  request: Request,
  { history, statuses }: ApiParts,
  version: string,
): string | undefined {
  if (madeOf === 'moment') return undefined;
  const made = [version, request.originalUrl];
  if (madeOf !== 'code') made.push(String(history.revision()));
  if (madeOf === 'status') made.push(statuses.fleet().at);
  return `W/"${digest(made.join('\n'))}"`;
}

/** Sets the headers of a cacheable response; sends 304 if the client already has it. */
function isKnown(request: Request, response: Response, tag: string): boolean {
  const tags =
    request
      .get('If-None-Match')
      ?.split(',')
      .map((each) => each.trim()) ?? [];
  response.set({ ETag: tag, 'Cache-Control': 'private, no-cache' });
  if (!tags.includes(tag)) return false;
  response.status(304).end();
  return true;
}

function refusing(log: ServiceParts['log']): ErrorRequestHandler {
  // Express recognizes an error handler by its four parameters.
  return (error: unknown, request, response, next) => {
    if (response.headersSent) {
      next(error);
      return;
    }
    const known = shownFault(error);
    response.removeHeader('ETag');
    response.set('Cache-Control', 'no-store');
    if (known === undefined) {
      log.error({ err: error, path: request.path }, 'internal error in the API');
      const unexpected = new AppError('unexpected', 'internal error; the log of the service has the reason');
      refuse(response, 500, unexpected);
      return;
    }
    if (known.status === 503) response.set('Retry-After', String(busySeconds));
    refuse(response, known.status, known.fault);
  };
}

function refuse(response: Response, status: number, { code, message, hint }: AppError): void {
  response.status(status).json({ schemaVersion: 1, error: { code, message, hint } });
}

const digest = (text: string) => createHash('sha256').update(text).digest('base64url').slice(0, 22);
