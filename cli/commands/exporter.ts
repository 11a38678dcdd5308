// What do the configured clusters and hosts say right now, for Prometheus? Serves /metrics until Ctrl-C.

import { once } from 'node:events';
import { drivers } from '../../brokers/registry.ts';
import { exitCodes } from '../../core/errors.ts';
import { createExporterApp, listen } from '../../exporter/http-server.ts';
import { inspectLazily } from '../../exporter/lazy-inspector.ts';
import { createMetricsPage } from '../../exporter/metrics-page.ts';
import { openHost } from '../../hosts/registry.ts';
import type { Command } from '../command.ts';
import { configFileOption, configPath, loadConfig } from '../config.ts';

/** With --once nobody sends a scrape timeout: what has not answered by then is left out. */
const onceTimeoutMs = 10_000;

export const exporterCommand = {
  name: 'exporter',
  summary: 'Serve /metrics of the configured clusters and hosts for Prometheus.',
  options: {
    config: configFileOption,
    listen: {
      type: 'string',
      value: 'HOST:PORT',
      help: 'where to listen (default exporter.listen of the config file; port 0 takes any free one)',
    },
    once: { type: 'boolean', help: 'print one page to standard output and end' },
  },
  examples: [
    'plimsoll exporter',
    'plimsoll exporter --config plimsoll.yaml --listen 127.0.0.1:0',
    'plimsoll exporter --once',
  ],

  async run({ options, stdout, signal, clock, log }) {
    const config = await loadConfig(configPath(options['config']), { signal });
    await using resources = new AsyncDisposableStack();
    const page = createMetricsPage({
      clusters: Object.entries(config.clusters).map(([name, cluster]) => ({
        name,
        kind: cluster.broker,
        inspector: resources.use(inspectLazily((io) => drivers[cluster.broker].inspect(name, cluster, io))),
      })),
      hosts: Object.entries(config.hosts).map(([name, host]) => ({ name, probe: resources.use(openHost(name, host)) })),
      clock,
      log,
    });
    if (options['once'] === true) {
      const deadline = AbortSignal.timeout(onceTimeoutMs);
      stdout.write(await page.render({ signal: AbortSignal.any([signal, deadline]) }));
      signal.throwIfAborted();
      return exitCodes.answered;
    }
    const address = typeof options['listen'] === 'string' ? options['listen'] : config.exporter.listen;
    const server = resources.use(await listen(createExporterApp(page), address, { signal }));
    stdout.write(`listening on ${server.url}\n`);
    if (!signal.aborted) await once(signal, 'abort');
    return exitCodes.answered;
  },
} satisfies Command;
