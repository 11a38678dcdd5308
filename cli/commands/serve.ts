// How do all clusters stand, for people, programs and Prometheus? Serves pages, API and metrics until Ctrl-C, and remembers.

import { once } from 'node:events';
import { join } from 'node:path';
import { policyOf } from '../../analyzer/config.ts';
import { exitCodes } from '../../core/errors.ts';
import { stateFolder } from '../../core/user-folders.ts';
import { openWebConfig } from '../../exporter/http/web-config-file.ts';
import { listen } from '../../exporter/http-server.ts';
import { createAccess, refuseOpenAddress } from '../../service/access/create-access.ts';
import { createServiceApp } from '../../service/app.ts';
import { createCalculator } from '../../service/calculation/calculator.ts';
import { openLedger } from '../../service/ledger/sqlite-ledger.ts';
import { lockLedger } from '../../service/ledger/writer-lock.ts';
import { openService } from '../../service/open-service.ts';
import type { Command } from '../command.ts';
import { configFileOption, configPath, loadConfig } from '../config.ts';
import { openExporterPages } from '../exporter-pages.ts';
import { ledgerFile, ledgerOption } from '../ledger-file.ts';

/** Reading a week of a large fleet out of a monitoring system and fitting it: nobody waits for that. */
const longestCalculationMs = 10 * 60_000;

export const serveCommand = {
  name: 'serve',
  summary: 'Serve how all clusters stand, as pages, API and metrics, and keep verdicts, forecasts and plans.',
  options: {
    config: configFileOption,
    listen: {
      type: 'string',
      value: 'HOST:PORT',
      help: 'where to listen (default service.listen of the config file; port 0 takes any free one)',
    },
    'web.config.file': {
      type: 'string',
      value: 'FILE',
      help: "TLS, users and headers, in the format of Prometheus' exporter-toolkit; read again when it changes",
    },
    ledger: ledgerOption,
    'state-dir': {
      type: 'string',
      value: 'DIR',
      help: 'where the ledger and the history of offsets are kept (default: the XDG state folder)',
    },
  },
  examples: [
    'plimsoll serve',
    'plimsoll serve --config plimsoll.yaml --listen 127.0.0.1:0',
    'plimsoll serve --listen :18761 --web.config.file web.yml --state-dir /var/lib/plimsoll',
  ],

  async run(io) {
    const { options, stdout, signal, log, clock } = io;
    const config = await loadConfig(configPath(options['config']), { signal });
    const { service } = config;
    const webFile = options['web.config.file'];
    const web = typeof webFile === 'string' ? await openWebConfig(webFile, { log, signal }) : undefined;
    const address = typeof options['listen'] === 'string' ? options['listen'] : service.listen;
    refuseOpenAddress(address, service, web);
    await using resources = new AsyncDisposableStack();
    const stateDirectory = options['state-dir'] ?? stateFolder(io.environment);
    const file = ledgerFile(io, service);
    resources.use(lockLedger(file));
    const ledger = resources.use(openLedger(file, { clock }));
    const access = createAccess(service, { address, ...(web && { web }) });
    const opened = openService({
      service,
      clusters: config.clusters,
      exporter: config.exporter,
      sources: config.sources ?? {},
      policy: policyOf(config.analyzer),
      ledger,
      access,
      calculator: resources.use(createCalculator({ timeoutMs: longestCalculationMs })),
      clock,
      log,
    });
    const pages = resources.use(
      openExporterPages(config, {
        clock,
        log,
        stateDirectory: join(String(stateDirectory), 'exporter'),
        listeners: opened.listeners,
      }),
    );
    const app = createServiceApp(opened.parts, pages, access);
    const server = resources.use(await listen(app, address, { signal, ...(web && { web }) }));

    pages.canaries.start();
    const scheduled = opened.schedule.run({ signal });
    stdout.write(`listening on ${server.url}${(service.pathPrefix ?? '').slice(1)}\n`);
    if (!signal.aborted) await once(signal, 'abort');
    await scheduled;
    return exitCodes.answered;
  },
} satisfies Command;
