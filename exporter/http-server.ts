// How is the metrics page served? One express app on one address, loopback unless told otherwise.

import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import express, { type Application, type Request, type Router } from 'express';
import { AppError } from '../core/errors.ts';
import { parseListenAddress } from './config.ts';
import { contentType } from './exposition/text-format.ts';
import type { MetricsPage } from './metrics-page.ts';

/** Prometheus waits this long when it does not say (its scrape_timeout default). */
const defaultTimeoutSeconds = 10;

/** Kept from the scraper's timeout for writing the page and carrying it over. */
const slackSeconds = 0.5;

/** Answers under way when the server closes may end within this time. */
const closingGraceMs = 2000;

/** `/metrics`, for an app that serves other pages beside it. */
export function createMetricsRouter(page: MetricsPage): Router {
  const router = express.Router();
  router.get('/metrics', async (request, response) => {
    const gone = new AbortController();
    response.on('close', () => gone.abort());
    const deadline = AbortSignal.timeout(deadlineSeconds(request) * 1000);
    const text = await page.render({ signal: AbortSignal.any([gone.signal, deadline]) });
    response.set({ 'Content-Type': contentType, 'Cache-Control': 'no-store' }).end(text);
  });
  return router;
}

export function createExporterApp(page: MetricsPage): Application {
  const app = express().disable('x-powered-by').disable('etag');
  app.use(createMetricsRouter(page));
  app.get('/', (_request, response) => {
    response.type('html').send(landingPage);
  });
  return app;
}

const landingPage = `<!doctype html>
<html lang="en">
  <head><meta charset="utf-8"><title>Plimsoll exporter</title></head>
  <body>
    <h1>Plimsoll exporter</h1>
    <p><a href="/metrics">Metrics</a> of the configured clusters and hosts, for Prometheus to scrape.</p>
  </body>
</html>
`;

function deadlineSeconds(request: Request): number {
  const asked = Number(request.get('X-Prometheus-Scrape-Timeout-Seconds') ?? defaultTimeoutSeconds);
  const timeout = asked > 0 && asked < 3600 ? asked : defaultTimeoutSeconds;
  return Math.max(timeout - slackSeconds, timeout / 2);
}

/**
 * @param address as config and --listen write it
 * @throws AppError usage, port-in-use, no-permission
 */
export async function listen(
  app: Application,
  address: string,
  { signal }: { signal: AbortSignal },
): Promise<{ url: string } & AsyncDisposable> {
  const parsed = parseListenAddress(address);
  if (parsed === undefined) {
    throw new AppError('usage', `cannot listen on ${JSON.stringify(address)}: an address is written HOST:PORT`);
  }
  const server = createServer(app);
  try {
    server.listen(parsed.port, parsed.host);
    await once(server, 'listening', { signal });
  } catch (cause) {
    server.close();
    throw signal.aborted ? cause : describeRefusal(address, cause as NodeJS.ErrnoException);
  }
  return { url: urlOf(server.address() as AddressInfo), [Symbol.asyncDispose]: () => close(server) };
}

function describeRefusal(address: string, cause: NodeJS.ErrnoException): Error {
  const attempt = `cannot listen on ${address}`;
  if (cause.code === 'EADDRINUSE') return new AppError('port-in-use', `${attempt}: another program does`, { cause });
  if (cause.code === 'EACCES') {
    const hint = 'ports below 1024 are for root: choose a higher one with --listen';
    return new AppError('no-permission', `${attempt}: this user may not`, { cause, hint });
  }
  if (cause.code === 'EADDRNOTAVAIL' || cause.code === 'ENOTFOUND') {
    const hint = 'give --listen an address of this machine, such as 127.0.0.1:0';
    return new AppError('usage', `${attempt}: this machine has no such address`, { cause, hint });
  }
  return cause;
}

function urlOf({ address, family, port }: AddressInfo): string {
  return `http://${family === 'IPv6' ? `[${address}]` : address}:${port}/`;
}

async function close(server: Server): Promise<void> {
  const closed = once(server, 'close');
  server.close();
  server.closeIdleConnections();
  const impatience = setTimeout(() => server.closeAllConnections(), closingGraceMs);
  await closed;
  clearTimeout(impatience);
}
