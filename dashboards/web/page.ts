// Serves the pages of runs: `/` lists the runs, `/runs/<id>` shows one; both are complete without JavaScript.

import express, { type Router } from 'express';
import { createLogger, type Logger } from '../../core/log.ts';
import { renderRunList, type Run } from './run-list.ts';
import { renderRunPage } from './run-page.ts';
import { answerFaults, createSiteRouter, renderMessage, sendHtml, viewOf, type Site } from './site.ts';

interface PageSource {
  listRuns(): Promise<readonly Run[]>;
  /** Logs pages that could not be rendered. Default: standard error. */
  log?: Pick<Logger, 'error'>;
}

const site: Site = { prefix: '', sections: [] };

export function createWebRouter({ listRuns, log = createLogger('error') }: PageSource): Router {
  const router = express.Router().use(createSiteRouter());

  router.get('/', async (request, response) => {
    sendHtml(response, 200, renderRunList(await listRuns(), viewOf(request, site)));
  });
  router.get('/runs/:id.json', async (request, response, next) => {
    const run = await find(request.params.id);
    if (run === undefined) return next();
    response.json(run.analysis);
  });
  router.get('/runs/:id', async (request, response) => {
    const view = viewOf(request, site);
    const run = await find(request.params.id);
    if (run === undefined) return sendHtml(response, 404, renderMessage(view, view.strings.notFound));
    sendHtml(response, 200, renderRunPage(run, view));
  });
  return router.use(answerFaults(site, log));

  async function find(id: string): Promise<Run | undefined> {
    return (await listRuns()).find((run) => run.id === id);
  }
}
