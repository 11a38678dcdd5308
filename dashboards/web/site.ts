// Serves what all pages share: headers, assets, views from addresses and error pages.

import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import express, { type NextFunction, type Request, type Response, type Router } from 'express';
import { html } from '../../core/text/html.ts';
import type { Logger } from '../../core/log.ts';
import { renderPage } from './layout.ts';
import { languages } from './strings.ts';
import { createView, type Section, type View } from './view.ts';
import type { Visitor } from './visitor.ts';

/** Everything comes from this server, nothing runs or styles inline, and no site may frame it. */
const contentPolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  // Scripts of this server turn drawings of theirs into pictures to be saved.
  "img-src 'self' blob:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
].join('; ');

const assets = fileURLToPath(new URL('./assets/', import.meta.url));
const require = createRequire(import.meta.url);
const libraries = {
  'chart.js': join(dirname(require.resolve('chart.js')), 'chart.umd.min.js'),
  'chart-annotation.js': join(
    dirname(require.resolve('chartjs-plugin-annotation')),
    'chartjs-plugin-annotation.min.js',
  ),
};

export interface Site {
  /** Where a proxy has the site, such as `/plimsoll`; empty at its root. */
  prefix: string;
  sections: readonly Section[];
  /** Where people reach the Grafana that has the dashboards. */
  grafanaUrl?: string;
  /** Who asks; absent where a site knows no visitors. */
  visitorOf?(request: Request): Visitor;
}

export function createSiteRouter(): Router {
  const router = express.Router();
  router.use((_, response, next) => {
    response.set({
      'Content-Security-Policy': contentPolicy,
      'X-Content-Type-Options': 'nosniff',
      'Referrer-Policy': 'no-referrer',
    });
    next();
  });
  for (const [name, file] of Object.entries(libraries)) {
    router.get(`/assets/${name}`, (_, response) => response.sendFile(file));
  }
  router.use('/assets', express.static(assets, { index: false, redirect: false }));
  return router;
}

export function viewOf(request: Request, { prefix, sections, grafanaUrl, visitorOf }: Site): View {
  return createView({
    prefix,
    path: request.path,
    query: new URL(request.originalUrl, 'http://localhost').searchParams,
    accepted: request.acceptsLanguages(Object.keys(languages)),
    sections,
    ...(grafanaUrl !== undefined && { grafanaUrl }),
    ...(visitorOf && { visitor: visitorOf(request) }),
  });
}

export function sendHtml(response: Response, status: number, page: string): void {
  response.status(status).set({ Vary: 'Accept-Language, Cookie', 'Cache-Control': 'no-cache' }).type('html').send(page);
}

export function renderMessage(view: View, message: string): string {
  return renderPage(
    view,
    message,
    html`<h1>${message}</h1>
      <p><a href="${view.link('/')}">Plimsoll</a></p>`,
  );
}

/**
 * The last handler of a router. A failed page shows no details: the cause is only logged, because it may reveal internals
 * of the service.
 */
export function answerFaults(site: Site, log: Pick<Logger, 'error'>) {
  return (error: Error, request: Request, response: Response, next: NextFunction): void => {
    if (response.headersSent) return next(error);
    const view = viewOf(request, site);
    // An address that cannot be decoded names nothing.
    if (error instanceof URIError) return sendHtml(response, 404, renderMessage(view, view.strings.pages.notFound));
    log.error({ err: error, path: request.path }, 'a page could not be made');
    sendHtml(response, 500, renderMessage(view, view.strings.broken));
  };
}
