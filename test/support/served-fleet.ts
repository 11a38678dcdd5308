// Serves pages and API of the shown clusters in this process, with a scratch history and the access of a config.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ServiceConfig } from '../../app/config/service.ts';
import { systemClock } from '../../core/clock.ts';
import { createLogger } from '../../core/log.ts';
import { createFamilies } from '../../exporter/exposition/families.ts';
import { listen } from '../../exporter/http-server.ts';
import { createAccess } from '../../service/access/create-access.ts';
import type { KeptLogins } from '../../service/access/kept-logins.ts';
import { createServiceApp } from '../../service/app.ts';
import { openHistory, type SqliteHistory } from '../../service/history/sqlite-history.ts';
import { createAlertLog } from '../../service/hooks/alert-log.ts';
import { shownFleet } from './shown-fleet.ts';

export interface ServedFleet extends AsyncDisposable {
  url: string;
  history: SqliteHistory;
}

export async function serveFleet(config: ServiceConfig, kept?: KeptLogins): Promise<ServedFleet> {
  await using opened = new AsyncDisposableStack();
  const folder = mkdtempSync(join(tmpdir(), 'plimsoll-roles-'));
  opened.defer(() => rmSync(folder, { recursive: true }));
  const history = opened.use(openHistory(join(folder, 'ledger.sqlite'), { clock: systemClock }));
  const access = createAccess(config, { address: '127.0.0.1:0', clock: systemClock, ...(kept && { kept }) });
  const parts = {
    ...shownFleet(),
    alerts: createAlertLog(),
    history,
    access,
    config,
    log: createLogger('silent'),
    live: {
      answer: (_request: unknown, response: { end(): void }) => response.end(),
      events: () => 0,
      closed: new AbortController().signal,
    },
  };
  const served = {
    page: { render: async () => createFamilies(), states: () => [] },
    prober: {
      modules: [],
      open: () => ({ kind: 'refused' as const, status: 400 as const, reason: 'none' }),
      async [Symbol.asyncDispose]() {},
    },
    canaries: { states: () => [] },
    groupsOf: new Map(),
    calculator: parts.calculator,
  };
  const app = createServiceApp(parts, served, access);
  const server = opened.use(await listen(app, '127.0.0.1:0', { signal: new AbortController().signal }));
  const resources = opened.move();
  return { url: server.url, history, [Symbol.asyncDispose]: () => resources.disposeAsync() };
}
