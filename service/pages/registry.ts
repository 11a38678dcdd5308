// All pages of the service, one line each; routes and navigation come from it.

import type { RequestHandler } from 'express';
import { renderFleetPage } from '../../dashboards/web/fleet/fleet-page.ts';
import { sendHtml, viewOf, type Site } from '../../dashboards/web/site.ts';
import { languages, type Language, type Strings } from '../../dashboards/web/strings.ts';
import type { Calculator } from '../calculation/calculator.ts';
import type { Lookups } from '../clusters/lookups.ts';
import type { ServiceParts } from '../parts.ts';
import { createBrokerPage, createGroupPage, createProducersPage, createSettingsPage } from './cluster-asked.ts';
import { createGroupsPage, createTopicPage, createTopicsPage } from './cluster-lists.ts';
import { createClusterPage } from './cluster.ts';
import { createEntryPage, createHistoryCsv, createHistoryPage, createTestsPage } from './entries.ts';
import { createEventPage } from './event.ts';
import { createGcPage } from './gc.ts';
import { createPlanFile, createPlanPage, createPlansPage } from './plans.ts';
import { createSizingPage } from './sizing.ts';
import { createWhatIfPage } from './what-if.ts';

export type PageParts = ServiceParts & { calculator: Calculator; lookups: Lookups };

interface Page {
  /** As Express matches it, below the root of the site. */
  path: string;
  /** In the navigation; absent for pages that others link to. */
  title?: Site['sections'][number]['title'];
  open(parts: PageParts, site: Site): RequestHandler;
}

const createFleetPage: Page['open'] = (parts, site) => (request, response) =>
  sendHtml(response, 200, renderFleetPage(parts.standings.fleet(), viewOf(request, site)));

const titled =
  (name: keyof Strings['pages']['sections']) =>
  (language: Language): string =>
    languages[language].pages.sections[name];

export const pages: readonly Page[] = [
  { path: '/', title: titled('fleet'), open: createFleetPage },
  { path: '/event', title: titled('event'), open: createEventPage },
  { path: '/plans', title: titled('plans'), open: createPlansPage },
  { path: '/plans/:id', open: createPlanPage },
  { path: '/plans/:id/plan.json', open: (parts, site) => createPlanFile(parts, site, 'plan') },
  { path: '/plans/:id/rollback.json', open: (parts, site) => createPlanFile(parts, site, 'rollback') },
  { path: '/sizing', title: titled('sizing'), open: createSizingPage },
  { path: '/tests', title: titled('tests'), open: createTestsPage },
  { path: '/ledger', title: titled('ledger'), open: createHistoryPage },
  { path: '/ledger.csv', open: createHistoryCsv },
  { path: '/ledger/:id', open: createEntryPage },
  { path: '/clusters/:cluster', open: createClusterPage },
  { path: '/clusters/:cluster/topics', open: createTopicsPage },
  { path: '/clusters/:cluster/topics/:topic', open: createTopicPage },
  { path: '/clusters/:cluster/groups', open: createGroupsPage },
  { path: '/clusters/:cluster/groups/:group', open: createGroupPage },
  { path: '/clusters/:cluster/producers', open: createProducersPage },
  { path: '/clusters/:cluster/settings', open: createSettingsPage },
  { path: '/clusters/:cluster/brokers/:broker', open: createBrokerPage },
  { path: '/what-if', open: createWhatIfPage },
  { path: '/gc', open: createGcPage },
];
