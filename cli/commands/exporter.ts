// Implements `plimsoll exporter`: serves the metrics of clusters and hosts until Ctrl-C.

import { once } from 'node:events';
import type { RequestListener } from 'node:http';
import { join } from 'node:path';
import { AppError, exitCodes } from '../../core/errors.ts';
import type { Logger } from '../../core/log.ts';
import { stateFolder } from '../../core/user-folders.ts';
import { parseListenAddress } from '../../exporter/config.ts';
import { openWebConfig } from '../../exporter/http/web-config-file.ts';
import { createExporterApp, listen } from '../../exporter/http-server.ts';
import { createReloadMetrics } from '../../exporter/reload-metrics.ts';
import { openShards, type Shards } from '../../exporter/shards/shards.ts';
import { defineCommand, type CommandIo } from '../command.ts';
import { flag, text } from '../option.ts';
import { configPath, loadConfig, type Config } from '../../app/config/config-file.ts';
import { configFileOption } from '../config-option.ts';
import { openExporterPages, type ExporterPages } from '../../app/exporter/exporter-pages.ts';
import { warnOfPlaintext } from '../../app/config/plaintext-secrets.ts';
import { reloadOnHangUp } from '../../app/exporter/reload-on-hang-up.ts';

/** With --once there is no scrape timeout: later answers are left out. */
const onceTimeoutMs = 10_000;

export const exporterCommand = defineCommand({
  name: 'exporter',
  options: {
    config: configFileOption,
    listen: text(
      'HOST:PORT',
      'address to listen on (default exporter.listen of the config file; port 0 takes any free one)',
    ),
    'web.config.file': text(
      'FILE',
      "TLS, users and headers, in the format of Prometheus' exporter-toolkit; read again when it changes",
    ),
    'state-dir': text('DIR', 'folder for the offset history that time lag needs (default: the XDG state folder)'),
    shard: text('NAME', 'name of this exporter in exporter.shards.members, if several share the targets'),
    once: flag('print one page of all targets to standard output and exit'),
  },
  examples: [
    'plimsoll exporter',
    'plimsoll exporter --config plimsoll.yaml --listen 127.0.0.1:0',
    'plimsoll exporter --listen :18760 --web.config.file web.yml',
    'plimsoll exporter --shard exporter-0 --listen :18760 --web.config.file web.yml',
    'plimsoll exporter --once',
  ],

  async run(io) {
    const { options, stdout, signal } = io;
    const log = await io.openLog();
    const config = await loadConfig(configPath(options.config), { signal });
    await using resources = new AsyncDisposableStack();
    const shards = resources.use(shardsOf(io, config));
    const reloads = createReloadMetrics(io.clock);
    const open = (from: typeof config) =>
      openExporterPages(from, {
        clock: io.clock,
        log,
        stateDirectory: stateDirectoryOf(io),
        reloadMetrics: reloads.families,
        ...(shards && { shards }),
      });
    let pages = open(config);
    resources.defer(() => pages[Symbol.asyncDispose]());
    if (options.once) {
      const deadline = AbortSignal.timeout(onceTimeoutMs);
      const page = await pages.page.render({ signal: AbortSignal.any([signal, deadline]) });
      signal.throwIfAborted();
      for (const chunk of page.chunks('text')) stdout.write(chunk.toString());
      return exitCodes.answered;
    }
    const webFile = options['web.config.file'];
    const web = typeof webFile === 'string' ? await openWebConfig(webFile, { log, signal }) : undefined;
    const appOf = ({ page, ...parts }: ExporterPages) =>
      createExporterApp(page, { ...parts, ...(shards && { shards }), ...(web !== undefined && { web }) });
    let app = appOf(pages);
    const address = typeof options.listen === 'string' ? options.listen : config.exporter.listen;
    if (web === undefined) warnIfOpen(address, log);
    warnOfPlaintext({ config, address, web }, log);
    const serve: RequestListener = (request, response) => void app(request, response);
    const server = resources.use(await listen(serve, address, { signal, ...(web !== undefined && { web }) }));

    resources.use(
      reloadOnHangUp(
        {
          async reload() {
            const next = open(await loadConfig(configPath(options.config), { signal }));
            const before = pages;
            [pages, app] = [next, appOf(next)];
            // Two at once would send twice as often.
            await before.canaries[Symbol.asyncDispose]();
            next.canaries.start();
            return before;
          },
          metrics: reloads,
          needsRestart: 'exporter.listen',
        },
        { ...io, log },
      ),
    );

    pages.canaries.start();
    shards?.start();
    stdout.write(`listening on ${server.url}\n`);
    if (!signal.aborted) await once(signal, 'abort');
    return exitCodes.answered;
  },
});

/** @throws AppError usage, where config and option do not speak of the same */
function shardsOf({ options, clock }: CommandIo, { exporter }: Config): Shards | undefined {
  const self = options.shard;
  if (options.once) return undefined;
  if (exporter.shards === undefined && self === undefined) return undefined;
  if (exporter.shards === undefined) {
    throw new AppError('usage', '--shard needs exporter.shards in the config file', {
      hint: 'list all exporters under exporter.shards.members, or omit --shard',
    });
  }
  if (typeof self !== 'string') {
    throw new AppError('usage', 'exporter.shards has several members, so --shard is required', {
      hint: `give --shard with one of: ${Object.keys(exporter.shards.members).join(', ')}`,
    });
  }
  return openShards(exporter.shards, self, clock);
}

function stateDirectoryOf({ options, environment }: CommandIo): string {
  const given = options['state-dir'];
  return join(typeof given === 'string' ? given : stateFolder(environment), 'exporter');
}

function warnIfOpen(address: string, log: Logger): void {
  const host = parseListenAddress(address)?.host;
  if (host === undefined || /^(127\.|::1$|localhost$)/.test(host)) return;
  log.warn({ address }, 'anybody who reaches this address may read it: give --web.config.file for TLS and users');
}
