// Serves an express app on one address, by default the loopback.

import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { TLSSocket } from 'node:tls';
import express, { type Application, type Router } from 'express';
import { AppError } from '../core/errors.ts';
import type { Canaries } from './canary/canaries.ts';
import { parseListenAddress } from './config.ts';
import type { PasswordCheck } from './http/basic-auth.ts';
import { createGuard } from './http/guard.ts';
import { createGroupsRouter, type GroupCluster } from './http/group-members.ts';
import { renderLandingPage } from './http/landing-page.ts';
import { createDeadlines, sendPage } from './http/send-page.ts';
import { sendText } from './http/send-text.ts';
import { isClientAllowed, type WatchedWebConfig } from './http/web-config-file.ts';
import type { MetricsPage } from './metrics-page.ts';
import type { Prober } from './probe.ts';
import { shardPath, type Shards } from './shards/shards.ts';

/** Time for responses in progress to end when the server closes. */
const closingGraceMs = 2000;

/**
 * Time limits for headers and body, and for idle sockets: a client that sends or reads a byte a
 * minute occupies one of few slots. The longest calculation of a page takes 20 s.
 */
const patience = { headersMs: 10_000, requestMs: 30_000, idleMs: 60_000 };

/**
 * Write buffer of four chunks: a page of 26 MB takes 11 ms of CPU instead of 14, and a quarter less time (Node 24).
 */
const writingBytes = 256 * 1024;

/** Serves `/metrics` in an app that also serves other pages. */
export function createMetricsRouter(page: Pick<MetricsPage, 'render'>): Router {
  const router = express.Router();
  const begin = createDeadlines();
  router.get('/metrics', (request, response) => sendPage(request, response, (io) => page.render(io), begin));
  return router;
}

interface AppParts {
  prober?: Prober;
  canaries?: Pick<Canaries, 'states'>;
  /** Clusters whose groups can be read on request. */
  groupsOf?: ReadonlyMap<string, GroupCluster>;
  /** Set if several exporters share the work. */
  shards?: Pick<Shards, 'answer' | 'joinsInSeconds'>;
  /** Its users and headers apply to every page except health checks; `listen` applies its TLS section. */
  web?: WatchedWebConfig;
  /** Created if absent. */
  passwords?: PasswordCheck;
}

export function createExporterApp(
  page: MetricsPage,
  { prober, canaries, groupsOf, shards, web, passwords }: AppParts = {},
): Application {
  const app = express().disable('x-powered-by').disable('etag');
  // Health checks need no login, as in the service.
  app.get('/-/healthy', (_request, response) => void response.type('text').send('ok\n'));
  app.get('/-/ready', (_request, response) => {
    // A rolling update restarts the next exporter once this one serves its targets.
    const joinsInSeconds = shards?.joinsInSeconds() ?? 0;
    const text = joinsInSeconds === 0 ? 'ok' : `shows its targets in ${Math.ceil(joinsInSeconds)} s`;
    sendText(response, joinsInSeconds === 0 ? 200 : 503, text);
  });
  if (shards !== undefined) app.get(shardPath, shards.answer);
  app.use(createGuard(web, passwords));
  app.use(createMetricsRouter(page));
  if (groupsOf !== undefined) app.use(createGroupsRouter(groupsOf));
  if (prober !== undefined) app.get('/probe', (request, response) => answerProbe(prober, request, response));
  app.get('/', (_request, response) => {
    response.type('html').send(renderLandingPage(page.states(), prober?.modules ?? [], canaries?.states() ?? []));
  });
  return app;
}

export async function answerProbe(prober: Prober, request: express.Request, response: express.Response): Promise<void> {
  const { target, module } = request.query;
  if (typeof target !== 'string' || typeof module !== 'string') {
    const needs = '/probe needs one target and one module, such as ?target=broker:9092&module=kafka';
    return sendText(response, 400, needs);
  }
  const probe = prober.open(target, module);
  if (probe.kind === 'refused') return sendText(response, probe.status, probe.reason);
  try {
    await sendPage(request, response, (io) => probe.page.render(io));
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== 'service-busy') throw error;
    response.removeHeader('Content-Encoding');
    sendText(response, 503, error.message);
  } finally {
    probe.close();
  }
}

/**
 * @param address in the notation of config and --listen
 * @param options.web with a TLS section, the server accepts only TLS
 * @throws AppError usage, port-in-use, no-permission
 */
export async function listen(
  app: RequestListener,
  address: string,
  { signal, web }: { signal: AbortSignal; web?: WatchedWebConfig },
): Promise<{ url: string } & AsyncDisposable> {
  const parsed = parseListenAddress(address);
  if (parsed === undefined) {
    throw new AppError(
      'usage',
      `cannot listen on ${JSON.stringify(address)}: write HOST:PORT with a port of at most 65535`,
    );
  }
  const tls = web?.current().tls === undefined ? undefined : web;
  const server = tls === undefined ? createServer({ highWaterMark: writingBytes }, app) : createSecureServer(app, tls);
  server.headersTimeout = patience.headersMs;
  server.requestTimeout = patience.requestMs;
  server.setTimeout(patience.idleMs, (socket) => socket.destroy());
  try {
    server.listen(parsed.port, parsed.host);
    await once(server, 'listening', { signal });
  } catch (cause) {
    server.close();
    throw signal.aborted ? cause : describeRefusal(address, cause as NodeJS.ErrnoException);
  }
  const scheme = tls === undefined ? 'http' : 'https';
  return { url: urlOf(scheme, server.address() as AddressInfo), [Symbol.asyncDispose]: () => close(server) };
}

function createSecureServer(app: RequestListener, web: WatchedWebConfig): Server {
  const start = web.current().tls;
  const server = createTlsServer(
    {
      ...start?.context,
      requestCert: start !== undefined && start.config.client_auth_type !== 'NoClientCert',
      rejectUnauthorized: start?.config.client_auth_type === 'RequireAndVerifyClientCert',
    },
    app,
  );
  let shown = start?.context;
  // Runs before Node's own listener starts the handshake, so that a changed certificate applies to the next client.
  server.prependListener('connection', () => {
    const context = web.current().tls?.context;
    if (context === undefined || context === shown) return;
    shown = context;
    server.setSecureContext(context);
  });
  server.prependListener('secureConnection', (socket: TLSSocket) => {
    const config = web.current().tls?.config;
    if (config !== undefined && !isClientAllowed(socket, config)) socket.destroy();
  });
  return server;
}

function describeRefusal(address: string, cause: NodeJS.ErrnoException): Error {
  const attempt = `cannot listen on ${address}`;
  if (cause.code === 'EADDRINUSE') return new AppError('port-in-use', `${attempt}: address already in use`, { cause });
  if (cause.code === 'EACCES') {
    const hint = 'ports below 1024 need root: choose a higher one with --listen';
    return new AppError('no-permission', `${attempt}: this user may not`, { cause, hint });
  }
  if (cause.code === 'EADDRNOTAVAIL' || cause.code === 'ENOTFOUND') {
    const hint = 'give --listen an address of this machine, such as 127.0.0.1:0';
    return new AppError('usage', `${attempt}: no such address on this host`, { cause, hint });
  }
  return cause;
}

function urlOf(scheme: string, { address, family, port }: AddressInfo): string {
  return `${scheme}://${family === 'IPv6' ? `[${address}]` : address}:${port}/`;
}

async function close(server: Server): Promise<void> {
  const closed = once(server, 'close');
  server.close();
  server.closeIdleConnections();
  const impatience = setTimeout(() => server.closeAllConnections(), closingGraceMs);
  await closed;
  clearTimeout(impatience);
}
