// All pages of the service, one line each, such as `{ path, title: { en, zh }, open: (await import(file)).createPage }`.

import type { RequestHandler } from 'express';
import { clusterSwitchPath } from '../../dashboards/web/cluster-switch.ts';
import { renderFleetPage } from '../../dashboards/web/fleet/fleet-page.ts';
import { renderHelpPage } from '../../dashboards/web/help/help-page.ts';
import type { Site } from '../../dashboards/web/site.ts';
import { type Language, languages, peoplePath, type Strings } from '../../dashboards/web/view.ts';
import type { Calculator } from '../calculation/calculator.ts';
import type { Lookups } from '../clusters/lookups.ts';
import type { ServiceParts } from '../parts.ts';
import type { OpenTails } from './message-tail.ts';
import { trendOf } from './readings-lines.ts';
import { pageOf } from './served-page.ts';

export type PageParts = ServiceParts & { calculator: Calculator; lookups: Lookups; tails: OpenTails };

interface Page {
  /** Express route, below the root of the site. */
  path: string;
  /** Title in the navigation; absent for pages reached only by links. */
  title?: Site['sections'][number]['title'];
  open(parts: PageParts, site: Site): RequestHandler;
  /** Handles a form of the page, sent by an operator. */
  submit?(parts: PageParts, site: Site): RequestHandler;
}

const createFleetPage: Page['open'] = ({ statuses, readings, clock }, site) =>
  pageOf(site, (view) => {
    const nowMs = clock.now().getTime();
    return renderFleetPage(statuses.fleet(), (cluster) => trendOf(readings.of(cluster), nowMs), view);
  });

const titled = (name: keyof Strings['pages']['sections']): Record<Language, string> => ({
  en: languages.en.pages.sections[name],
  zh: languages.zh.pages.sections[name],
});

export const pages: readonly Page[] = [
  { path: '/', title: titled('fleet'), open: createFleetPage },
  { path: '/event', title: titled('event'), open: (await import('./event.ts')).createEventPage },
  { path: '/plans', title: titled('plans'), open: (await import('./plans.ts')).createPlansPage },
  { path: '/plans/:id', open: (await import('./plans.ts')).createPlanPage },
  { path: '/plans/:id/plan.json', open: (await import('./plans.ts')).createPlanFile('plan') },
  { path: '/plans/:id/rollback.json', open: (await import('./plans.ts')).createPlanFile('rollback') },
  { path: '/sizing', title: titled('sizing'), open: (await import('./sizing.ts')).createSizingPage },
  { path: '/sizing/:id/blast-radius', open: (await import('./blast-radius.ts')).createBlastRadiusPage },
  {
    path: '/instances',
    title: titled('instances'),
    open: (await import('./instances.ts')).createInstancesPage,
  },
  { path: '/tests', title: titled('tests'), open: (await import('./entries.ts')).createTestsPage },
  { path: '/ledger', title: titled('ledger'), open: (await import('./entries.ts')).createHistoryPage },
  { path: '/ledger.csv', open: (await import('./entries.ts')).createHistoryCsv },
  { path: '/ledger/:id', open: (await import('./entries.ts')).createEntryPage },
  {
    path: peoplePath,
    open: (await import('./people.ts')).createPeoplePage,
    submit: (await import('./people.ts')).createSessionsEnd,
  },
  { path: '/clusters', open: (await import('./cluster-switch.ts')).createClustersRedirect },
  { path: '/help', title: titled('help'), open: (_parts, site) => pageOf(site, renderHelpPage) },
  { path: '/search', open: (await import('./cluster-switch.ts')).createFoundPage },
  { path: clusterSwitchPath, open: (await import('./cluster-switch.ts')).createClusterSwitch },
  {
    path: '/clusters/:cluster',
    open: (await import('./cluster.ts')).createClusterPage,
    submit: (await import('./cluster.ts')).createClusterChange,
  },
  { path: '/clusters/:cluster/topics', open: (await import('./cluster-lists.ts')).createTopicsPage },
  { path: '/clusters/:cluster/topics/:topic', open: (await import('./cluster-lists.ts')).createTopicPage },
  {
    path: '/clusters/:cluster/topics/:topic/messages',
    open: (await import('./messages.ts')).createMessagesPage,
    submit: (await import('./messages.ts')).createMessagesExport,
  },
  {
    path: '/clusters/:cluster/topics/:topic/messages/tail',
    open: (await import('./message-tail.ts')).createMessageTail,
  },
  { path: '/clusters/:cluster/groups', open: (await import('./cluster-lists.ts')).createGroupsPage },
  { path: '/clusters/:cluster/groups/:group', open: (await import('./group.ts')).createGroupPage },
  { path: '/clusters/:cluster/clients', open: (await import('./clients.ts')).createClientsPage },
  { path: '/clusters/:cluster/producers', open: (await import('./producers.ts')).createProducersPage },
  { path: '/clusters/:cluster/settings', open: (await import('./settings.ts')).createSettingsPage },
  { path: '/clusters/:cluster/brokers/:broker', open: (await import('./broker.ts')).createBrokerPage },
  {
    path: '/clusters/:cluster/load-test',
    open: (await import('./load-test.ts')).createLoadTestPage,
    submit: (await import('./load-test.ts')).createLoadTestChange,
  },
  { path: '/what-if', open: (await import('./what-if.ts')).createWhatIfPage },
  { path: '/gc', open: (await import('./gc.ts')).createGcPage },
];
