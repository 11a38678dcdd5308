// Assembles the HTTP application: access control, API, pages and hooks.

import express, { type Application, type ErrorRequestHandler, type Router } from 'express';
import type { ExporterPages } from '../app/exporter/exporter-pages.ts';
import type { Logger } from '../core/log.ts';
import { createGroupsRouter } from '../exporter/http/group-members.ts';
import { renderLandingPage } from '../exporter/http/landing-page.ts';
import { sendText } from '../exporter/http/send-text.ts';
import { answerProbe, createMetricsRouter } from '../exporter/http-server.ts';
import type { GuardedAccess } from './access/create-access.ts';
import { createLoginRecord } from './access/login-record.ts';
import { perVisitor } from './access/per-visitor.ts';
import { openApiDocument } from './api/openapi.ts';
import { createApiRouter } from './api/router.ts';
import { shownFault } from './api/statuses.ts';
import type { Calculator } from './calculation/calculator.ts';
import { createLookups } from './clusters/lookups.ts';
import { createCompression } from './compression.ts';
import { createHooksRouter } from './hooks/router.ts';
import { createAcknowledgePages } from './hooks/acknowledge-pages.ts';
import { createPages } from './pages/router.ts';
import type { ServiceParts } from './parts.ts';

export interface ServedPages extends Pick<ExporterPages, 'page' | 'prober' | 'groupsOf'> {
  canaries: Pick<ExporterPages['canaries'], 'states'>;
  calculator: Calculator;
}

/** Works behind a proxy that keeps the path prefix, and behind one that removes it. */
export function createServiceApp(parts: ServiceParts, pages: ServedPages, access: GuardedAccess): Application {
  const app = express().disable('x-powered-by').disable('etag');
  const router = createRouter(parts, pages, access);
  const { pathPrefix } = parts.config;
  if (pathPrefix !== undefined) app.use(pathPrefix, router);
  app.use(router);
  app.use(refusing(parts.log));
  return app;
}

/** Logs details and omits them from the response, because a stack would reveal internals. */
function refusing(log: Logger): ErrorRequestHandler {
  return (error: unknown, request, response, next) => {
    if (response.headersSent) return next(error);
    const { status = 500, fault } = shownFault(error) ?? {};
    if (status >= 500) log.error({ err: error, path: request.path }, 'internal error in a page');
    sendText(response, status, fault?.message ?? 'internal error; the log of the service has the reason');
  };
}

function createRouter(parts: ServiceParts, pages: ServedPages, access: GuardedAccess): Router {
  const router = express.Router();
  // Health checks need no password, and only learn that the service runs.
  for (const path of ['/-/healthy', '/-/ready']) {
    router.get(path, (_request, response) => void response.type('text').send('ok\n'));
  }
  router.use(access.guard);
  router.use(createHooksRouter(parts));
  router.use(createAcknowledgePages(parts));
  router.use(access.readersOnly);
  router.use(['/metrics', '/probe', '/exporter'], access.unlimitedOnly);
  router.use(createMetricsRouter(pages.page));
  router.use(createCompression());
  router.get('/probe', (request, response) => answerProbe(pages.prober, request, response));
  router.get('/exporter', (_request, response) => {
    const { page, prober, canaries } = pages;
    response.type('html').send(renderLandingPage(page.states(), prober.modules, canaries.states()));
  });
  // One thread for the requests of all clients, which thus wait for each other but not for scheduled jobs.
  const { calculator } = pages;
  // Shared by all sets of clusters, so that limits and caches do not restart when a visitor's set changes.
  const shared = {
    calculator,
    lookups: createLookups(parts.clock),
    logins: createLoginRecord(parts.history, parts.clock, access.people?.logins),
    tails: { count: 0 },
  };
  const openApi = JSON.stringify(openApiDocument(parts.config));
  router.use(
    perVisitor({ ...parts, access }, (seen, set) => {
      const shownGroups = new Map([...pages.groupsOf].filter(([name]) => seen.clusters.has(name)));
      return express
        .Router()
        .use(createGroupsRouter(shownGroups))
        .use(createApiRouter({ ...seen, calculator, openApi, set }))
        .use(createPages({ ...seen, ...shared }));
    }),
  );
  return router;
}
