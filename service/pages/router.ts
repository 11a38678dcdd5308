// Serves the pages of the service, each complete without JavaScript.

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
import { createCalculator, type Calculator } from '../calculation/calculator.ts';
import type { ServiceParts } from '../parts.ts';
import { createLookups } from '../clusters/lookups.ts';
import { createBrokerPage, createGroupPage, createProducersPage, createSettingsPage } from './cluster-asked.ts';
import { createGroupsPage, createTopicPage, createTopicsPage } from './cluster-lists.ts';
import { createClusterPage } from './cluster.ts';
import { createEntryPage, createLedgerCsv, createLedgerPage, createTestsPage } from './entries.ts';
import { createEventPage } from './event.ts';
import { createGcPage } from './gc.ts';
import { createLoginPages } from './login.ts';
import { createPlanFile, createPlanPage, createPlansPage } from './plans.ts';
import { createSizingPage } from './sizing.ts';
import { createWhatIfPage } from './what-if.ts';

const sections = [
  { path: '/', name: 'fleet' },
  { path: '/event', name: 'event' },
  { path: '/plans', name: 'plans' },
  { path: '/sizing', name: 'sizing' },
  { path: '/tests', name: 'tests' },
  { path: '/ledger', name: 'ledger' },
] as const satisfies Site['sections'];

export type PagesParts = ServiceParts & { calculator?: Calculator };

/** The last of the app: what nobody else answers is a page that says so. */
export function createPages({ calculator = createCalculator(), ...parts }: PagesParts): Router {
  const { access } = parts;
  const site: Site = {
    prefix: parts.config.pathPrefix ?? '',
    sections,
    visitorOf: (request) => access.userOf(request),
  };
  const router = express.Router().use(createSiteRouter());
  router.get('/', (request, response) => {
    sendHtml(response, 200, renderFleetPage(parts.standings.fleet(), viewOf(request, site)));
  });
  if (access.operatorToken !== undefined) {
    router.use(createLoginPages({ operatorToken: access.operatorToken, clock: parts.clock }, site));
  }
  router.get('/clusters/:cluster', createClusterPage(parts, site));
  const asking = { clusters: parts.clusters, lookups: createLookups(parts.clock) };
  router.get('/clusters/:cluster/topics', createTopicsPage(parts, site));
  router.get('/clusters/:cluster/topics/:topic', createTopicPage(parts, site));
  router.get('/clusters/:cluster/groups', createGroupsPage(parts, site));
  router.get('/clusters/:cluster/groups/:group', createGroupPage(asking, site));
  router.get('/clusters/:cluster/producers', createProducersPage(asking, site));
  router.get('/clusters/:cluster/settings', createSettingsPage(asking, site));
  router.get('/clusters/:cluster/brokers/:broker', createBrokerPage(asking, site));
  router.get('/event', createEventPage(parts, site));
  router.get('/what-if', createWhatIfPage({ ...parts, calculator }, site));
  router.get('/sizing', createSizingPage(parts, site));
  router.get('/plans', createPlansPage(parts, site));
  router.get('/plans/:id/plan.json', createPlanFile(parts, site, 'plan'));
  router.get('/plans/:id/rollback.json', createPlanFile(parts, site, 'rollback'));
  router.get('/plans/:id', createPlanPage(parts, site));
  router.get('/gc', createGcPage(parts, site));
  router.get('/tests', createTestsPage(parts, site));
  router.get('/ledger', createLedgerPage(parts, site));
  router.get('/ledger.csv', createLedgerCsv(parts, site));
  router.get('/ledger/:id', createEntryPage(parts, site));
  router.use((request, response) => {
    const view = viewOf(request, site);
    sendHtml(response, 404, renderMessage(view, view.strings.pages.notFound));
  });
  return router.use(answerFaults(site, parts.log));
}
