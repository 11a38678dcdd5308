// Implements `plimsoll serve`: pages, API, metrics and history until Ctrl-C.

import { once } from 'node:events';
import type { RequestListener } from 'node:http';
import { join } from 'node:path';
import type { Application } from 'express';
import { resolvePolicy } from '../../core/policy/policy-config.ts';
import { exitCodes } from '../../core/errors.ts';
import { stateFolder } from '../../core/user-folders.ts';
import { openWebConfig } from '../../exporter/http/web-config-file.ts';
import { listen } from '../../exporter/http-server.ts';
import { createReloadMetrics } from '../../exporter/reload-metrics.ts';
import { createAccess, refuseClosedHooks, refuseOpenAddress } from '../../service/access/create-access.ts';
import { asksForLogin } from '../../service/access/logins.ts';
import { openOperatorToken, type OperatorToken } from '../../service/access/operator-token.ts';
import { createServiceApp } from '../../service/app.ts';
import { createCalculator } from '../../service/calculation/calculator.ts';
import { openLedger } from '../../service/ledger/sqlite-ledger.ts';
import { lockLedger } from '../../service/ledger/writer-lock.ts';
import type { KeptReadings } from '../../service/kept-readings.ts';
import { openService, type Service } from '../../service/open-service.ts';
import { defineCommand, type CommandIo } from '../command.ts';
import { text } from '../option.ts';
import { configPath, loadConfig, type Config } from '../../app/config/config-file.ts';
import { configFileOption } from '../config-option.ts';
import { openExporterPages, type ExporterPages } from '../../app/exporter/exporter-pages.ts';
import { historyOption, ledgerFile } from '../history-file.ts';
import { warnOfPlaintext } from '../../app/config/plaintext-secrets.ts';
import { reloadOnHangUp } from '../../app/exporter/reload-on-hang-up.ts';

/** Reading a week of a large fleet out of a monitoring system and fitting it; no request waits for that. */
const longestCalculationMs = 10 * 60_000;

export const serveCommand = defineCommand({
  name: 'serve',
  options: {
    config: configFileOption,
    listen: text(
      'HOST:PORT',
      'address to listen on (default service.listen of the config file; port 0 takes any free one)',
    ),
    'web.config.file': text(
      'FILE',
      "TLS, users and headers, in the format of Prometheus' exporter-toolkit; read again when it changes",
    ),
    'history-db': historyOption,
    'state-dir': text('DIR', 'folder for the history and the offset history (default: the XDG state folder)'),
  },
  examples: [
    'plimsoll serve',
    'plimsoll serve --config plimsoll.yaml --listen 127.0.0.1:0',
    'plimsoll serve --listen :18761 --web.config.file web.yml --state-dir /var/lib/plimsoll',
  ],

  async run(io) {
    const { options, stdout, signal, clock } = io;
    const log = await io.openLog();
    const read = () => loadConfig(configPath(options.config), { signal });
    const config = await read();
    const webFile = options['web.config.file'];
    const web = typeof webFile === 'string' ? await openWebConfig(webFile, { log, signal }) : undefined;
    const address = typeof options.listen === 'string' ? options.listen : config.service.listen;
    refuseOpenAddress(address, config.service, web);
    refuseClosedHooks(config.service, web);
    warnOfPlaintext({ config, address, web }, log);
    await using resources = new AsyncDisposableStack();
    const stateDirectory = options['state-dir'] ?? stateFolder(io.environment);
    const file = ledgerFile(io, config.service);
    resources.use(lockLedger(file));
    const operatorToken = openOperatorToken(stateDirectory);
    const shared = {
      ledger: resources.use(openLedger(file, { clock })),
      scheduled: resources.use(createCalculator({ timeoutMs: longestCalculationMs })),
      asked: resources.use(createCalculator()),
      reloads: createReloadMetrics(clock),
    };

    function open(from: Config, kept?: KeptReadings): Opened {
      const { service } = from;
      refuseOpenAddress(address, service, web);
      refuseClosedHooks(service, web);
      const access = createAccess(service, { address, clock, operatorToken, ...(web && { web }) });
      const opened = openService({
        service,
        clusters: from.clusters,
        exporter: from.exporter,
        sources: from.sources ?? {},
        policy: resolvePolicy(from.analyzer),
        ledger: shared.ledger,
        access,
        calculator: shared.scheduled,
        clock,
        log,
        ...(kept && { kept }),
      });
      const pages = openExporterPages(from, {
        clock,
        log,
        stateDirectory: join(stateDirectory, 'exporter'),
        listeners: opened.listeners,
        reloadMetrics: shared.reloads.families,
      });
      const app = createServiceApp(opened.parts, { ...pages, calculator: shared.asked }, access);
      return { opened, pages, app };
    }
    let now = open(config);
    resources.defer(() => now.pages[Symbol.asyncDispose]());
    const serve: RequestListener = (request, response) => void now.app(request, response);
    const server = resources.use(await listen(serve, address, { signal, ...(web && { web }) }));

    let running = start(now, signal);
    resources.use(
      reloadOnHangUp(
        {
          async reload() {
            const next = open(await read(), now.opened.kept);
            const before = now;
            now = next;
            // Two at once would do everything twice.
            await Promise.all([running.end(), before.pages.canaries[Symbol.asyncDispose]()]);
            running = start(next, signal);
            return before.pages;
          },
          metrics: shared.reloads,
          needsRestart: 'service.listen or service.ledger',
        },
        { ...io, log },
      ),
    );
    const url = `${server.url}${(config.service.pathPrefix ?? '').slice(1)}`;
    const isOpen = !asksForLogin(config.service, web?.current());
    stdout.write(`listening on ${url}\n${isOpen ? operatorLine(url, operatorToken, io) : ''}`);
    if (!signal.aborted) await once(signal, 'abort');
    await running.end();
    return exitCodes.answered;
  },
});

/** A link for who reads it at a terminal; a log keeps what it is given, so there the token is only named. */
function operatorLine(url: string, { file, text }: OperatorToken, { stdout }: Pick<CommandIo, 'stdout'>): string {
  return stdout.isTerminal
    ? `log in as operator: ${url.replace(/\/$/, '')}/login?token=${text}\n`
    : `read-only until you log in as operator; the token is in ${file}\n`;
}

interface Opened {
  opened: Service;
  pages: ExporterPages;
  app: Application;
}

/** What it does by itself, until the signal aborts or it is ended. */
function start({ opened, pages }: Opened, signal: AbortSignal): { end(): Promise<void> } {
  const ending = new AbortController();
  pages.canaries.start();
  const scheduled = opened.schedule.run({ signal: AbortSignal.any([signal, ending.signal]) });
  return {
    async end() {
      ending.abort();
      await scheduled;
    },
  };
}
