// Serves each visitor with a handler restricted to the clusters this visitor may see.

import type { RequestHandler } from 'express';
import type { ServiceParts } from '../parts.ts';
import { roleOn } from './roles.ts';
import { keepNewest } from '../../core/keep-newest.ts';
import { isLoginChange } from '../../core/documents/history-entry.ts';
import { AppError } from '../../core/errors.ts';
import type { History, HistoryReader } from '../history/history.ts';
import { limitInstances } from '../instances/instance-watch.ts';
import type { LoadTests } from '../load-tests/load-tests.ts';

/** Limit of cached handlers for different sets of clusters; the least recently used one is dropped and rebuilt when needed. */
const mostSets = 20;

/**
 * @param make called once for users who see every cluster, once for those of them who do not see logins, and once for each other
 *   set of clusters, identified by `set`
 */
export function perVisitor(
  parts: ServiceParts,
  make: (parts: ServiceParts, set: string) => RequestHandler,
): RequestHandler {
  const unlimited = make(parts, '');
  const unlimitedWithoutLogins = make(withoutLogins(parts), 'without logins');
  const limited = new Map<string, RequestHandler>();
  return (request, response, next) => {
    const user = parts.access.userOf(request);
    if (user.isLimited !== true) {
      const own = parts.access.seesLogins(user) ? unlimited : unlimitedWithoutLogins;
      return own(request, response, next);
    }
    const names = [...parts.clusters.keys()].filter((name) => roleOn(user, name) !== undefined);
    const set = JSON.stringify(names);
    const own = limited.get(set) ?? make(limitParts(parts, names), set);
    // Reinserted, so that the order is by last use.
    keepNewest(limited, set, own, mostSets);
    return own(request, response, next);
  };
}

/** @param names configured clusters. History entries without a cluster concern several clusters and are hidden */
function limitParts(parts: ServiceParts, names: readonly string[]): ServiceParts {
  const seen = new Set(names);
  const sees = (cluster: string) => seen.has(cluster);
  const { statuses, readings, gc, alerts, schedule, loadTests, instances, live } = parts;
  const { access, policy, author, clock, log, letStay } = parts;
  // Parts are listed one by one: a new part stays absent here until its author decides what restricted visitors may see
  // of it.
  return {
    access,
    policy,
    author,
    clock,
    log,
    ...(letStay && { letStay }),
    clusters: new Map([...parts.clusters].filter(([name]) => sees(name))),
    statuses: {
      fleet() {
        const fleet = statuses.fleet();
        return { ...fleet, clusters: fleet.clusters.filter(({ cluster }) => sees(cluster)) };
      },
      cluster: (name) => (sees(name) ? statuses.cluster(name) : undefined),
      promotions: () => statuses.promotions(),
    },
    history: limitHistory(parts.history, names),
    readings: { of: (cluster) => (sees(cluster) ? readings.of(cluster) : undefined), usage: () => readings.usage() },
    gc: { of: (cluster) => (sees(cluster) ? gc.of(cluster) : []) },
    alerts: {
      add: (message, nowMs) => alerts.add(message, nowMs),
      of: (cluster, fromMs, toMs) => (sees(cluster) ? alerts.of(cluster, fromMs, toMs) : []),
      firing: (cluster, nowMs) => (sees(cluster) ? alerts.firing(cluster, nowMs) : []),
    },
    schedule: {
      states: () => schedule.states().filter(({ cluster }) => cluster === undefined || sees(cluster)),
      ask: (name, cluster) => cluster !== undefined && sees(cluster) && schedule.ask(name, cluster),
    },
    config: {
      ...parts.config,
      domains: ofSeen(parts.config.domains, ([, { cluster }]) => sees(cluster)),
      clusters: ofSeen(parts.config.clusters, ([name]) => sees(name)),
      clientIds: ofSeen(parts.config.clientIds, ([name]) => sees(name)),
    },
    ...(instances && { instances: limitInstances(instances, sees) }),
    ...(loadTests && { loadTests: limitLoadTests(loadTests, sees) }),
    ...(live && {
      live: {
        events: () => live.events(),
        closed: live.closed,
        answer(request, response, next) {
          const { cluster } = request.query;
          // The times at which a hidden cluster changes would show that it exists.
          if (typeof cluster === 'string' && !sees(cluster)) return void response.status(404).end();
          return live.answer(request, response, next);
        },
      } satisfies ServiceParts['live'],
    }),
  };
}

const ofSeen = <Value>(all: Record<string, Value>, isSeen: (entry: [string, Value]) => boolean) =>
  Object.fromEntries(Object.entries(all).filter(isSeen));

/** Shows all clusters but no login events. Login events name no cluster, so `limitParts` hides them, too. */
function withoutLogins(parts: ServiceParts): ServiceParts {
  const { history } = parts;
  const reader: Pick<HistoryReader, 'entries' | 'entry'> = {
    entries: (query) => history.entries({ ...query, hidesLogins: true }),
    entry(id) {
      const entry = history.entry(id);
      return entry?.kind === 'change' && isLoginChange(entry.document.what) ? undefined : entry;
    },
  };
  return { ...parts, history: { ...history, ...reader } };
}

function limitHistory(history: History, clusters: readonly string[]): History {
  const sees = (cluster: string | undefined) => cluster !== undefined && clusters.includes(cluster);
  const reader: HistoryReader = {
    entries: (query) => history.entries({ ...query, clusters }),
    entry(id) {
      const entry = history.entry(id);
      return sees(entry?.cluster) ? entry : undefined;
    },
    latest: (cluster, kinds) => (sees(cluster) ? history.latest(cluster, kinds) : undefined),
    revision: () => history.revision(),
  };
  return { ...history, ...reader };
}

function limitLoadTests(loadTests: LoadTests, sees: (cluster: string) => boolean): LoadTests {
  return {
    ...loadTests,
    permissionOf: (cluster) => (sees(cluster) ? loadTests.permissionOf(cluster) : undefined),
    of: (cluster) => (sees(cluster) ? loadTests.of(cluster) : undefined),
    underWay: () => loadTests.underWay().filter(({ cluster }) => sees(cluster)),
    async start(cluster, load, by) {
      if (loadTests.underWay().some((each) => !sees(each.cluster))) {
        throw new AppError('load-test-refused', 'a load test of another cluster is running', {
          hint: 'only one at a time: two would distort each other; wait until it ends',
        });
      }
      return loadTests.start(cluster, load, by);
    },
  };
}
