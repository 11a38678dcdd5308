// Which pages does the service have for people? Each complete without JavaScript.

import express, { type Router } from 'express';
import { renderFleetPage } from '../../dashboards/web/fleet/fleet-page.ts';
import {
  answerFaults,
  createSiteRouter,
  renderMessage,
  sendHtml,
  viewOf,
  type Site,
} from '../../dashboards/web/site.ts';
import type { ServiceParts } from '../parts.ts';
import { createClusterPage } from './cluster.ts';
import { createEntryPage, createLedgerCsv, createLedgerPage, createTestsPage } from './entries.ts';
import { createEventPage } from './event.ts';

const sections = [
  { path: '/', name: 'fleet' },
  { path: '/event', name: 'event' },
  { path: '/tests', name: 'tests' },
  { path: '/ledger', name: 'ledger' },
] as const satisfies Site['sections'];

/** The last of the app: what nobody else answers is a page that says so. */
export function createPages(parts: ServiceParts): Router {
  const site: Site = { prefix: parts.config.pathPrefix ?? '', sections };
  const router = express.Router().use(createSiteRouter());
  router.get('/', (request, response) => {
    sendHtml(response, 200, renderFleetPage(parts.standings.fleet(), viewOf(request, site)));
  });
  router.get('/clusters/:cluster', createClusterPage(parts, site));
  router.get('/event', createEventPage(parts, site));
  router.get('/tests', createTestsPage(parts, site));
  router.get('/ledger', createLedgerPage(parts, site));
  router.get('/ledger.csv', createLedgerCsv(parts, site));
  router.get('/ledger/:id', createEntryPage(parts, site));
  router.use((request, response) => {
    const view = viewOf(request, site);
    sendHtml(response, 404, renderMessage(view, view.strings.pages.notFound));
  });
  return router.use(answerFaults(site));
}
