// Serves the parts shared by all pages: headers, assets, views from addresses and error pages.

import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import express, { type NextFunction, type Request, type Response, type Router } from 'express';
import { defined } from '../../core/defined.ts';
import { AppError } from '../../core/errors.ts';
import { type Content, html } from '../../core/text/html.ts';
import { sharedStyles } from '../../core/text/page-styles.ts';
import type { Logger } from '../../core/log.ts';
import { frameLanguages } from './frame-texts.ts';
import { renderPage } from './layout.ts';
import { createView, languages, type Section, type View, type Visitor } from './view.ts';
import type { FleetStatus } from '../../core/documents/cluster-status.ts';

/** Allows only content from this server, no inline scripts or styles, and no framing by other sites. */
const contentPolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  // For charts of this site that scripts convert to pictures for saving.
  "img-src 'self' blob:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
].join('; ');

const assets = fileURLToPath(new URL('./assets/', import.meta.url));
const require = createRequire(import.meta.url);
const chartLibrary = join(dirname(require.resolve('chart.js')), 'chart.umd.min.js');

/** Concatenated in this order to one sheet, `page.css`, so that a page needs one request. */
const sheets = ['header', 'states', 'cards', 'tables', 'charts', 'readings', 'forms', 'print'];

function readStyles(): { text: string; tag: string } {
  const own = sheets.map((name) => join(assets, 'styles', `${name}.css`));
  const text = [sharedStyles.tokens, sharedStyles.base, ...own].map((sheet) => readFileSync(sheet, 'utf8')).join('\n');
  return { text, tag: `"${createHash('sha256').update(text).digest('hex').slice(0, 16)}"` };
}

export interface Site {
  /** Path prefix of the site at a proxy, such as `/plimsoll`; empty at the root. */
  prefix: string;
  sections: readonly Section[];
  /** Address of the Grafana with the dashboards. */
  grafanaUrl?: string;
  /** Returns the visitor; absent if the site has no logins. */
  visitorOf?(request: Request): Visitor;
  /** Path of the stream of changes; absent if pages only poll. */
  live?: string;
  /** Returns all clusters; absent if the site has none. */
  fleet?(): Pick<FleetStatus, 'clusters'>;
}

export function createSiteRouter(): Router {
  const router = express.Router();
  router.use((_, response, next) => {
    response.set({
      'Content-Security-Policy': contentPolicy,
      'X-Content-Type-Options': 'nosniff',
      // With no-referrer a browser would send `Origin: null` with forms of this site.
      'Referrer-Policy': 'same-origin',
    });
    next();
  });
  router.get('/assets/chart.js', (_, response) => response.sendFile(chartLibrary));
  const styles = readStyles();
  router.get('/assets/page.css', (_, response) => {
    response.set({ 'Cache-Control': 'no-cache', ETag: styles.tag }).type('css').send(styles.text);
  });
  router.use('/assets', express.static(assets, { index: false, redirect: false }));
  return router;
}

export function viewOf(request: Request, { prefix, sections, grafanaUrl, visitorOf, fleet, live }: Site): View {
  return createView({
    prefix,
    path: request.path,
    query: new URL(request.originalUrl, 'http://localhost').searchParams,
    accepted: request.acceptsLanguages(Object.keys(languages)),
    sections,
    ...defined({ grafanaUrl, live, visitor: visitorOf?.(request), fleet: fleet?.().clusters }),
  });
}

/** @param cache `no-store` for pages that must not be cached, such as message contents */
export function sendHtml(
  response: Response,
  status: number,
  page: string,
  cache: 'no-cache' | 'no-store' = 'no-cache',
): void {
  response.status(status).set({ Vary: 'Accept-Language, Cookie', 'Cache-Control': cache }).type('html').send(page);
}

/** @param next action for the reader */
export function renderMessage(view: View, message: string, next?: Content): string {
  const { link, here, sections, strings, language } = view;
  return renderPage(
    view,
    message,
    html`<h1>${message}</h1>
      ${next !== undefined && html`<p>${next}</p>`}
      <p class="ways">
        <a href="${link('/')}">${sections[0]?.title[language] ?? strings.runs}</a>
        <a href="${here({})}">${frameLanguages[language].tryAgain}</a>
      </p>`,
  );
}

export const renderNotFound = (view: View): string =>
  renderMessage(view, view.strings.pages.notFound, frameLanguages[view.language].notFound);

/**
 * Handles errors, as the last handler of a router. The page of a defect omits details, which are only logged, because
 * they may reveal internals of the service.
 *
 * @param shownFault of an error that the reader caused, or can correct
 */
export function answerFaults(
  site: Site,
  log: Pick<Logger, 'error'>,
  shownFault: (error: unknown) => { status: number; fault: AppError } | undefined = () => undefined,
) {
  return (error: Error, request: Request, response: Response, next: NextFunction): void => {
    if (response.headersSent) return next(error);
    // Excluded, because reading the state of the fleet may have failed.
    const { fleet: _, ...rest } = site;
    const view = viewOf(request, rest);
    // An address that cannot be decoded does not exist.
    if (error instanceof URIError) return sendHtml(response, 404, renderNotFound(view));
    if (error instanceof AppError && error.code === 'role-missing') {
      return sendHtml(response, 403, renderMessage(view, view.strings.pages.operatorsOnly));
    }
    const { status = 500, fault } = shownFault(error) ?? {};
    if (status >= 500) log.error({ err: error, path: request.path }, 'cannot create page');
    if (fault !== undefined) {
      const { message, messageZh, hint } = fault;
      const page =
        view.language === 'zh'
          ? renderMessage(view, messageZh ?? view.strings.broken, html`<bdi lang="en">${message}; ${hint}</bdi>`)
          : renderMessage(view, message, hint);
      return sendHtml(response, status, page, 'no-store');
    }
    sendHtml(response, 500, renderMessage(view, view.strings.broken, frameLanguages[view.language].broken));
  };
}
