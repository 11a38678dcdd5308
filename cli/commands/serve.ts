// Implements `plimsoll serve`: pages, API, metrics and history until Ctrl-C.

import { join, resolve } from 'node:path';
import { stateFolderOf } from '../../app/caller.ts';
import { resolvePolicy } from '../../core/policy/policy-config.ts';
import { instanceName } from '../../core/instance-name.ts';
import { createPasswordCheck } from '../../exporter/http/basic-auth.ts';
import { openWebConfig } from '../../exporter/http/web-config-file.ts';
import { createOtlpCounts } from '../../exporter/otlp/push.ts';
import { createReloadMetrics } from '../../exporter/reload-metrics.ts';
import { createAccess, refuseClosedHooks, refuseOpenAddress } from '../../service/access/create-access.ts';
import { asksForLogin } from '../../service/access/logins.ts';
import { openEndedSessions } from '../../service/access/oidc/ended-sessions.ts';
import { openKeptLogins } from '../../service/access/kept-logins.ts';
import { createLoginMemory } from '../../service/access/oidc/login-memory.ts';
import { openOidcLogin } from '../../service/access/oidc/oidc-login.ts';
import { openOperatorToken, type OperatorToken } from '../../service/access/operator-token.ts';
import { createServiceApp } from '../../service/app.ts';
import { createCalculator } from '../../service/calculation/calculator.ts';
import { openHistory } from '../../service/history/sqlite-history.ts';
import { lockHistory, lockStateFolder } from '../../service/history/writer-lock.ts';
import { instanceFolder, openLeadership } from '../../service/leadership/open-leadership.ts';
import type { KeptReadings } from '../../service/kept-readings.ts';
import { createPromotionGate } from '../../service/hooks/promotion-gate.ts';
import { openTestStore } from '../../service/load-tests/test-store.ts';
import { openReadingsFile } from '../../service/readings/readings-file.ts';
import { openService } from '../../service/open-service.ts';
import { type CommandIo, defineCommand, text } from '../command.ts';
import { configPath, loadConfig, type Config } from '../../app/config/config-file.ts';
import { configFileOption, webConfigOption, historyOption, historyFile } from '../options.ts';
import { openExporterPages } from '../../app/exporter/exporter-pages.ts';
import { warnOfPlaintext } from '../../app/config/plaintext-secrets.ts';
import { repeatedClusters } from '../../app/config/repeated-clusters.ts';
import { listenForHangUps, serveConfig, type Served } from '../../app/exporter/serve-config.ts';

/** Time to read a week of a large fleet from a monitoring system and to fit it; no request waits for it. */
const longestCalculationMs = 10 * 60_000;

export const serveCommand = defineCommand({
  options: {
    config: configFileOption,
    listen: text(
      'HOST:PORT',
      'address to listen on (default service.listen of the config file; port 0 takes any free one)',
    ),
    'web.config.file': webConfigOption,
    'history-db': historyOption,
    'state-dir': text('DIR', 'folder for the history and the offset history (default: the XDG state folder)'),
  },
  examples: [
    'plimsoll serve',
    'plimsoll serve --config plimsoll.yaml --listen 127.0.0.1:0',
    'plimsoll serve --listen 0.0.0.0:18761 --web.config.file web.yml --state-dir /var/lib/plimsoll',
  ],

  async run(io) {
    const { options, signal, clock } = io;
    using hangUps = listenForHangUps();
    const log = await io.openLog();
    const configFile = configPath(options.config);
    const config = await loadConfig(configFile, { signal });
    const webFile = options['web.config.file'];
    const web = webFile === undefined ? undefined : await openWebConfig(webFile, { log, signal });
    const address = options.listen ?? config.service.listen;
    refuseOpenAddress(address, config.service, web);
    refuseClosedHooks(config.service, web);
    warnOfPlaintext({ config, address, web }, log);
    for (const { path, message } of repeatedClusters(config)) log.warn({ path }, message);
    await using resources = new AsyncDisposableStack();
    const stateDirectory = stateFolderOf(io);
    const file = historyFile(io, { file: configFile, service: config.service });
    const isPair = config.service.availability === 'pair';
    resources.use(lockHistory(file, { isShared: isPair }));
    const ownDirectory = instanceFolder(stateDirectory, config.service, address);
    resources.use(lockStateFolder(ownDirectory, { isPair }));
    const operatorToken = openOperatorToken(stateDirectory);
    const loginMemory = createLoginMemory(clock);
    const ended = openEndedSessions(stateDirectory, { clock, log });
    const keptLogins = openKeptLogins(stateDirectory, { ended, clock, log });
    const history = resources.use(openHistory(file, { clock, journal: isPair ? 'delete' : 'wal' }));
    const shared = {
      history,
      readingsFile: resources.use(openReadingsFile(join(ownDirectory, 'readings.sqlite'), log)),
      scheduled: resources.use(createCalculator({ timeoutMs: longestCalculationMs })),
      calculator: resources.use(createCalculator()),
      passwords: createPasswordCheck(),
      reloads: createReloadMetrics(clock),
      otlpCounts: createOtlpCounts(),
      promotionGate: createPromotionGate({
        file: join(stateDirectory, 'promotion-messages.json'),
        log,
        openedMs: clock.now().getTime(),
      }),
      tests: openTestStore(resolve(ownDirectory)),
      leading: resources.use(openLeadership(config.service, { file, address, history, clock, log })),
    };

    function open(from: Config, before?: ServedConsole): ServedConsole {
      const { service } = from;
      refuseOpenAddress(address, service, web);
      refuseClosedHooks(service, web);
      const oidc = openOidcLogin(service, {
        secret: operatorToken.text,
        memory: loginMemory,
        kept: keptLogins,
        clock,
        log,
      });
      void oidc?.provider.look();
      const access = createAccess(service, {
        address,
        clock,
        operatorToken,
        kept: keptLogins,
        passwords: shared.passwords,
        ...(web && { web }),
        ...(oidc && { oidc }),
      });
      const { parts, kept, listeners, schedule, live } = openService({
        service,
        clusters: from.clusters,
        machines: from.hosts,
        exporter: from.exporter,
        sources: from.sources ?? {},
        policy: resolvePolicy(from.analyzer),
        history: shared.history,
        ...(shared.readingsFile && { readingsFile: shared.readingsFile }),
        access,
        loadTests: {
          store: shared.tests,
          program: [process.execPath, ...process.argv.slice(1, 2)],
          configFile: resolve(configFile),
          environment: io.environment,
          config: from,
        },
        calculator: shared.scheduled,
        promotionGate: shared.promotionGate,
        leadership: shared.leading.leadership,
        ...(shared.leading.terms && { terms: shared.leading.terms }),
        clock,
        log,
        ...(before && { kept: before.kept }),
      });
      const pages = openExporterPages(from, {
        clock,
        log,
        stateDirectory: join(ownDirectory, 'exporter'),
        instance: instanceName(address),
        listeners,
        reloadMetrics: shared.reloads.families,
        otlpCounts: shared.otlpCounts,
      });
      return {
        app: createServiceApp(parts, { ...pages, calculator: shared.calculator }, access),
        kept,
        start() {
          const ending = new AbortController();
          pages.canaries.start();
          pages.push?.start();
          const scheduled = schedule.run({ signal: AbortSignal.any([signal, ending.signal]) });
          return async () => {
            ending.abort();
            live.close();
            await Promise.all([scheduled, pages.canaries[Symbol.asyncDispose](), pages.push?.[Symbol.asyncDispose]()]);
          };
        },
        [Symbol.asyncDispose]: () => pages[Symbol.asyncDispose](),
      };
    }
    function onListening(base: string): void {
      const url = `${base}${(config.service.pathPrefix ?? '').slice(1)}`;
      const isOpen = !asksForLogin(config.service, web?.current());
      io.stdout.write(`listening on ${url}\n${isOpen ? operatorLine(url, operatorToken, io) : ''}`);
    }
    const needsRestart = 'service.listen, service.ledger or service.availability';
    const how = { config, file: configFile, address, web, metrics: shared.reloads, hangUps, needsRestart };
    await serveConfig({ ...how, open, onListening }, { ...io, log });
  },
});

/** Earlier readings survive a config reload. */
type ServedConsole = Served & { kept: KeptReadings };

/** Prints a link on a terminal. Logs are stored, so there only the file of the token is named. */
function operatorLine(url: string, { file, text }: OperatorToken, { stdout }: Pick<CommandIo, 'stdout'>): string {
  return stdout.isTerminal
    ? `log in as operator: ${url.replace(/\/$/, '')}/login?token=${text}\n`
    : `read-only until you log in as operator; the token is in ${file}\n`;
}
