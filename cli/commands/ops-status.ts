// Shows which of the configured clusters are being changed, by whom and since when.

import { exitCodes } from '../../core/errors.ts';
import { leaseStatusOf, leaseStatusText } from '../change/lease-status.ts';
import { clusterOf, clusterOptions } from '../cluster-option.ts';
import type { Command, CommandIo } from '../command.ts';
import { hasColours } from '../command-line.ts';
import { configPath, loadConfig } from '../config.ts';
import { renderJson } from '../report.ts';

export const opsStatusCommand = {
  name: 'ops status',
  summary: 'Show which clusters are being changed: the owner, host, start and last heartbeat of each lease.',
  options: {
    ...clusterOptions,
    cluster: { type: 'string', value: 'NAME', help: 'only this cluster of the config file (default: all)' },
    json: { type: 'boolean', help: 'print one JSON document' },
  },
  examples: ['plimsoll ops status', 'plimsoll ops status --cluster orders --json'],

  async run(io) {
    const clusters = await clustersOf(io);
    const leases = await Promise.all(clusters.map(({ name, config }) => leaseStatusOf(name, config, io)));
    if (io.options['json'] === true) io.stdout.write(renderJson({ schemaVersion: 1, leases }));
    else {
      io.stdout.write(leaseStatusText(leases, { colours: hasColours(io.stdout, io.environment) }));
      for (const each of leases) if (each.state === 'unknown') io.stderr.write(`${each.cluster}: ${each.reason}\n`);
    }
    return leases.some(({ state }) => state === 'unknown') ? exitCodes.unknown : exitCodes.answered;
  },
} satisfies Command;

async function clustersOf(io: CommandIo) {
  const { options, signal } = io;
  if (['cluster', 'bootstrap', 'namesrv'].some((name) => options[name] !== undefined)) return [await clusterOf(io)];
  const { clusters } = await loadConfig(configPath(options['config']), { signal });
  return Object.entries(clusters).map(([name, config]) => ({ name, config }));
}
