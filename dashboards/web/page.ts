// Which addresses does the browser page answer? `/` lists the runs, `/runs/<id>` shows one; both are complete without JavaScript.

import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import express, { type NextFunction, type Request, type Response, type Router } from 'express';
import { html } from '../../core/html.ts';
import { renderPage, type View } from './layout.ts';
import { createNumbers } from './numbers.ts';
import { renderRunList, type Run } from './run-list.ts';
import { renderRunPage } from './run-page.ts';
import { isLanguage, languages, type Language } from './strings.ts';

export interface PageSource {
  listRuns(): Promise<readonly Run[]>;
}

/** Everything comes from this server, nothing runs or styles inline, nobody may frame it. */
const contentPolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

const assets = fileURLToPath(new URL('./assets/', import.meta.url));
const chartJs = join(dirname(createRequire(import.meta.url).resolve('chart.js')), 'chart.umd.min.js');

export function createWebRouter({ listRuns }: PageSource): Router {
  const router = express.Router();

  router.use((_, response, next) => {
    response.set({
      'Content-Security-Policy': contentPolicy,
      'X-Content-Type-Options': 'nosniff',
      'Referrer-Policy': 'no-referrer',
    });
    next();
  });
  router.get('/assets/chart.js', (_, response) => response.sendFile(chartJs));
  router.use('/assets', express.static(assets, { index: false, redirect: false }));

  router.get('/', async (request, response) => {
    send(response, 200, renderRunList(await listRuns(), viewOf(request)));
  });
  router.get('/runs/:id.json', async (request, response, next) => {
    const run = await find(request.params.id);
    if (run === undefined) return next();
    response.json(run.analysis);
  });
  router.get('/runs/:id', async (request, response) => {
    const view = viewOf(request);
    const run = await find(request.params.id);
    if (run === undefined) return send(response, 404, renderMessage(view, view.strings.notFound));
    send(response, 200, renderRunPage(run, view));
  });
  router.use((error: Error, request: Request, response: Response, next: NextFunction) => {
    if (response.headersSent) return next(error);
    const view = viewOf(request);
    send(response, 500, renderMessage(view, view.strings.broken, error.message));
  });
  return router;

  async function find(id: string): Promise<Run | undefined> {
    return (await listRuns()).find((run) => run.id === id);
  }
}

function send(response: Response, status: number, page: string): void {
  response.status(status).set('Vary', 'Accept-Language').type('html').send(page);
}

function renderMessage(view: View, message: string, detail?: string): string {
  return renderPage(
    view,
    message,
    html`<h1>${message}</h1>
      ${detail !== undefined && html`<p lang="en">${detail}</p>`}
      <p><a href="${view.link('/')}">${view.strings.allRuns}</a></p>`,
  );
}

function viewOf(request: Request): View {
  const chosen = request.query['lang'];
  const offered = Object.keys(languages) as Language[];
  const accepted = request.acceptsLanguages(offered);
  const language = isLanguage(chosen) ? chosen : isLanguage(accepted) ? accepted : 'en';
  return {
    language,
    strings: languages[language],
    numbers: createNumbers(language),
    link: (path) => (isLanguage(chosen) ? `${path}?lang=${chosen}` : path),
    otherLanguage: `${request.path}?lang=${language === 'en' ? 'zh' : 'en'}`,
  };
}
