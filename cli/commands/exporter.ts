// Implements `plimsoll exporter`: serves the metrics of clusters and hosts until Ctrl-C.

import { join } from 'node:path';
import { stateFolderOf } from '../../app/caller.ts';
import { configPath, loadConfig, type Config } from '../../app/config/config-file.ts';
import { warnOfPlaintext } from '../../app/config/plaintext-secrets.ts';
import { openExporterPages, type ExporterPages } from '../../app/exporter/exporter-pages.ts';
import { listenForHangUps, serveConfig, type Served } from '../../app/exporter/serve-config.ts';
import { AppError } from '../../core/errors.ts';
import { instanceName } from '../../core/instance-name.ts';
import type { Logger } from '../../core/log.ts';
import { isLoopback, parseListenAddress } from '../../exporter/config.ts';
import { createPasswordCheck } from '../../exporter/http/basic-auth.ts';
import { openWebConfig } from '../../exporter/http/web-config-file.ts';
import { createExporterApp } from '../../exporter/http-server.ts';
import { createOtlpCounts } from '../../exporter/otlp/push.ts';
import { createReloadMetrics } from '../../exporter/reload-metrics.ts';
import { openShards, shardFolder, type Shards } from '../../exporter/shards/shards.ts';
import { defineCommand, flag, type IoOf, text } from '../command.ts';
import { configFileOption, webConfigOption } from '../options.ts';

/** Scrape timeout for --once; later responses are omitted. */
const onceTimeoutMs = 10_000;

const exporterOptions = {
  config: configFileOption,
  listen: text(
    'HOST:PORT',
    'address to listen on (default exporter.listen of the config file; port 0 takes any free one)',
  ),
  'web.config.file': webConfigOption,
  'state-dir': text('DIR', 'folder for the offset history that time lag needs (default: the XDG state folder)'),
  shard: text('NAME', 'name of this exporter in exporter.shards.members, if several share the targets'),
  once: flag('print one page of all targets to standard output and exit'),
};

type ExporterIo = IoOf<typeof exporterOptions>;

export const exporterCommand = defineCommand({
  options: exporterOptions,
  examples: [
    'plimsoll exporter',
    'plimsoll exporter --config plimsoll.yaml --listen 127.0.0.1:0',
    'plimsoll exporter --listen 0.0.0.0:18760 --web.config.file web.yml',
    'plimsoll exporter --shard exporter-0 --listen 0.0.0.0:18760 --web.config.file web.yml',
    'plimsoll exporter --once',
  ],

  async run(io) {
    const { options, signal } = io;
    using hangUps = listenForHangUps();
    const log = await io.openLog();
    const file = configPath(options.config);
    const config = await loadConfig(file, { signal });
    await using shards = shardsOf(io, config, log);
    const address = options.listen ?? config.exporter.listen;
    const reloads = createReloadMetrics(io.clock);
    const otlpCounts = createOtlpCounts();
    const openPages = (from: Config) =>
      openExporterPages(from, {
        clock: io.clock,
        log,
        stateDirectory: shardFolder(join(stateFolderOf(io), 'exporter'), options.shard),
        instance: options.shard ?? instanceName(address),
        reloadMetrics: reloads.families,
        otlpCounts,
        ...(shards && { shards }),
      });
    if (options.once) {
      await using pages = openPages(config);
      await printOnce(pages, io);
      return;
    }
    const webFile = options['web.config.file'];
    const web = webFile === undefined ? undefined : await openWebConfig(webFile, { log, signal });
    if (web === undefined) warnIfOpen(address, log);
    warnOfPlaintext({ config, address, web }, log);
    // Shared by all reloads of the config, because it has a thread.
    const passwords = createPasswordCheck();
    function open(from: Config): Served {
      const { page, ...pages } = openPages(from);
      const { canaries, push } = pages;
      return {
        app: createExporterApp(page, { ...pages, passwords, ...(shards && { shards }), ...(web && { web }) }),
        start() {
          canaries.start();
          push?.start();
          return () => Promise.all([canaries[Symbol.asyncDispose](), push?.[Symbol.asyncDispose]()]).then(() => {});
        },
        [Symbol.asyncDispose]: () => pages[Symbol.asyncDispose](),
      };
    }
    function onListening(url: string): void {
      shards?.start();
      io.stdout.write(`listening on ${url}\n`);
    }
    const needsRestart = 'exporter.listen or exporter.shards';
    const how = { config, file, address, web, metrics: reloads, hangUps, needsRestart };
    await serveConfig({ ...how, open, onListening }, { ...io, log });
  },
});

async function printOnce({ page }: ExporterPages, { stdout, signal }: ExporterIo): Promise<void> {
  const deadline = AbortSignal.timeout(onceTimeoutMs);
  const rendered = await page.render({ signal: AbortSignal.any([signal, deadline]) });
  signal.throwIfAborted();
  for (const chunk of rendered.chunks('text')) stdout.write(chunk.toString());
}

/** @throws AppError usage if config and options contradict each other */
function shardsOf({ options, clock }: ExporterIo, { exporter }: Config, log: Logger): Shards | undefined {
  const self = options.shard;
  if (options.once) return undefined;
  if (exporter.shards === undefined && self === undefined) return undefined;
  if (exporter.shards === undefined) {
    throw new AppError('usage', '--shard needs exporter.shards in the config file', {
      hint: 'list all exporters under exporter.shards.members, or omit --shard',
    });
  }
  if (self === undefined) {
    throw new AppError('usage', 'exporter.shards has several members, so --shard is required', {
      hint: `give --shard with one of: ${Object.keys(exporter.shards.members).join(', ')}`,
    });
  }
  return openShards(exporter.shards, self, { listen: options.listen ?? exporter.listen, clock, log });
}

function warnIfOpen(address: string, log: Logger): void {
  const host = parseListenAddress(address)?.host;
  if (host === undefined || isLoopback(host)) return;
  log.warn({ address }, 'anybody who reaches this address may read it: give --web.config.file for TLS and users');
}
