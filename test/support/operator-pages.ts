// Serves the pages of the service in this process, with the operator token and a scratch history.

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import express from 'express';
import { ServiceConfig } from '../../app/config/service.ts';
import { systemClock } from '../../core/clock.ts';
import { listen } from '../../exporter/http-server.ts';
import { createLoginRecord } from '../../service/access/login-record.ts';
import { createAccess } from '../../service/access/create-access.ts';
import { openOperatorToken, type OperatorToken } from '../../service/access/operator-token.ts';
import { openHistory, type SqliteHistory } from '../../service/history/sqlite-history.ts';
import { createPages, type PagesParts } from '../../service/pages/router.ts';
import { shownFleet } from './shown-fleet.ts';

export interface OperatorPages extends AsyncDisposable {
  /** State folder of the service. */
  folder: string;
  history: SqliteHistory;
  token: OperatorToken;
  /** Headers of an operator. */
  operator: { Authorization: string };
  /** Sends a request without following redirects. */
  ask(path: string, init?: RequestInit): Promise<Response>;
  /** Submits a form. */
  send(path: string, fields: Record<string, string>, headers?: Record<string, string>): Promise<Response>;
}

/** @param over replaces parts of `shownFleet`, and receives the history. @param service its section of the config */
export async function serveOperatorPages(
  over: (history: SqliteHistory, folder: string) => Partial<PagesParts> = () => ({}),
  service: object = {},
): Promise<OperatorPages> {
  await using opened = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), 'plimsoll-operator-'));
  opened.defer(() => rm(folder, { recursive: true }));
  const token = openOperatorToken(folder);
  const history = opened.use(openHistory(join(folder, 'ledger.sqlite'), { clock: systemClock }));
  const config = ServiceConfig.parse(service);
  const access = createAccess(config, { address: '127.0.0.1:0', clock: systemClock, operatorToken: token });
  const app = express().use(access.guard);
  app.post('/change', access.operatorsOnly, (_request, response) => void response.json('done'));
  const logins = createLoginRecord(history, systemClock);
  const parts = { ...shownFleet(), history, config, access, logins, clock: systemClock, ...over(history, folder) };
  app.use(createPages(parts));
  const server = opened.use(await listen(app, '127.0.0.1:0', { signal: new AbortController().signal }));
  const ask = (path: string, init: RequestInit = {}) =>
    fetch(new URL(path, server.url), { redirect: 'manual', ...init });
  const resources = opened.move();
  return {
    folder,
    history,
    token,
    operator: { Authorization: `Bearer ${token.text}` },
    ask,
    send: (path, fields, headers = {}) => ask(path, { method: 'POST', body: new URLSearchParams(fields), headers }),
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  };
}
