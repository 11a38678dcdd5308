// Serves the API with a scratch history and given states of clusters.

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import express from 'express';
import { examplePolicy } from './example-policy.ts';
import { systemClock } from '../../core/clock.ts';
import { AppError } from '../../core/errors.ts';
import { isAtLeast } from '../../core/roles.ts';
import { createLogger } from '../../core/log.ts';
import type { ClusterStatus, FleetStatus } from '../../core/documents/cluster-status.ts';
import { listen } from '../../exporter/http-server.ts';
import { createCompression } from '../../service/compression.ts';
import type { User } from '../../service/access/access.ts';
import type { GuardedAccess } from '../../service/access/create-access.ts';
import { openApiDocument } from '../../service/api/openapi.ts';
import { createApiRouter, type RouterParts } from '../../service/api/router.ts';
import { ServiceConfig } from '../../app/config/service.ts';
import { openHistory, type SqliteHistory } from '../../service/history/sqlite-history.ts';
import { createAlertLog } from '../../service/hooks/alert-log.ts';
import { createCalculator } from '../../service/calculation/calculator.ts';
import type { ServedCluster } from '../../service/parts.ts';

export interface ServedApi extends AsyncDisposable {
  /** URL that ends with /api/v1. */
  url: string;
  history: SqliteHistory;
  /** Requested jobs, as `name cluster`. */
  asked: string[];
  /** Sets the state of the fleet. */
  stand(fleet: FleetStatus): void;
}

export const statusOf = (cluster: string, over: Partial<ClusterStatus> = {}): ClusterStatus => ({
  cluster,
  broker: 'kafka',
  domains: [],
  state: 'unknown',
  ...over,
});

export const servedCluster = (name: string, over: Partial<ServedCluster> = {}): ServedCluster => ({
  name,
  broker: 'kafka',
  domains: [],
  shown: { topics: { deny: [] }, groups: { deny: [] } },
  last: () => undefined,
  traffic: () => undefined,
  rateAt: () => undefined,
  presence: () => ({ answering: [], lost: [] }),
  trouble: () => undefined,
  lookUp: async () => {
    throw new Error('the API asks no broker');
  },
  ...over,
});

export async function serveApi({
  clusters = [servedCluster('orders')],
  user = { name: 'anna', role: 'operator' },
  jobs = [],
  guarded,
  ...over
}: {
  clusters?: readonly ServedCluster[];
  user?: Omit<User, 'via'>;
  jobs?: readonly { name: string; cluster: string }[];
  /** Replaces `user`: decides who has access, and as which user. */
  guarded?: GuardedAccess;
} & Partial<
  Pick<RouterParts, 'calculator' | 'log' | 'statuses' | 'config' | 'readings' | 'clock'>
> = {}): Promise<ServedApi> {
  await using opened = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), 'plimsoll-api-'));
  opened.defer(() => rm(folder, { recursive: true }));
  const history = opened.use(openHistory(join(folder, 'ledger.sqlite'), { clock: systemClock }));
  const asked: string[] = [];
  let fleet: FleetStatus = {
    at: '2026-11-01T00:00:00.000Z',
    clusters: clusters.map(({ name, broker }) => statusOf(name, { broker })),
  };
  const config = ServiceConfig.parse({});
  const router = createApiRouter({
    history,
    statuses: {
      fleet: () => fleet,
      cluster: (name) => fleet.clusters.find(({ cluster }) => cluster === name),
      promotions: () => [],
    },
    clusters: new Map(clusters.map((each) => [each.name, each])),
    access: guarded ?? {
      userOf: () => ({ ...user, via: 'login' }),
      operatorsOnly: (_request, _response, next) => {
        if (isAtLeast(user.role, 'operator')) return next();
        throw new AppError('role-missing', `${user.name} is a viewer`);
      },
      adminsOnly: (_request, _response, next) => {
        if (user.role === 'admin') return next();
        throw new AppError('role-missing', `${user.name} is no admin`);
      },
      isStill: async (role) => isAtLeast(user.role, role),
      seesLogins: () => true,
      hasPasswords: () => false,
      tokenLogsIn: () => false,
      notifiersOnly: () => {
        throw new Error('the API asks for no notifier');
      },
    },
    schedule: {
      states: () => jobs.map((job) => ({ ...job, isRunning: false })),
      ask: (name, cluster) => {
        asked.push(`${name} ${cluster}`);
        return true;
      },
    },
    alerts: createAlertLog(history),
    readings: { of: () => undefined, usage: () => ({ bytes: 0, mostBytes: 0 }) },
    config,
    calculator: createCalculator(),
    openApi: JSON.stringify(openApiDocument(config)),
    set: '',
    policy: examplePolicy(),
    clock: systemClock,
    log: createLogger('silent'),
    ...over,
  });
  const app = express().disable('x-powered-by').disable('etag');
  if (guarded !== undefined) app.use(guarded.guard);
  app.use(createCompression()).use(router);
  const server = opened.use(await listen(app, '127.0.0.1:0', { signal: new AbortController().signal }));
  const resources = opened.move();
  return {
    url: `${server.url}api/v1`,
    history,
    asked,
    stand: (status) => void (fleet = status),
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  };
}
