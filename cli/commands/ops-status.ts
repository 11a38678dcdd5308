// Shows which configured clusters are being changed, by whom and since when, which are frozen, and which changes are unfinished.

import { type Caller, lineWriter, stateFolderOf } from '../../app/caller.ts';
import { exitCodes } from '../../core/errors.ts';
import { freezeStatusOf, freezeStatusText } from '../../app/change/freeze-status.ts';
import { leaseStatusText } from '../../app/change/lease-status.ts';
import { listedCluster } from '../../app/change/listed-cluster.ts';
import { unfinishedChanges, unfinishedText } from '../../app/change/unfinished-changes.ts';
import { clusterOf, isAddressed } from '../../app/observe/named-cluster.ts';
import { stateFolderOption } from '../change/administration-options.ts';
import { clusterOptions } from '../options.ts';
import { defineCommand, flag, printDocument, text } from '../command.ts';
import { hasColours } from '../command-line.ts';
import { configPath, loadConfig } from '../../app/config/config-file.ts';
import { freezesOf } from '../../app/config/freezes.ts';

export const opsStatusCommand = defineCommand({
  options: {
    ...clusterOptions,
    cluster: text('NAME', 'only this cluster of the config file (default: all)'),
    ...stateFolderOption,
    json: flag('print one JSON document'),
  },
  examples: ['plimsoll ops status', 'plimsoll ops status --cluster orders --json'],

  async run(io) {
    const { clusters, rules } = await clustersOf(io);
    const freezes = clusters.flatMap(({ name }) => freezeStatusOf(name, rules, io.clock.now()) ?? []);
    const listed = await Promise.all(clusters.map((each) => listedCluster(io, each)));
    const leases = listed.map(({ lease }) => lease);
    const { config, 'state-dir': stateFolder } = io.options;
    const given = { config, 'state-dir': stateFolder };
    const { changes, unread } = await unfinishedChanges(stateFolderOf(io), listed, given);
    const tell = lineWriter(io);
    for (const each of unread) tell(each);
    const document = {
      schemaVersion: 1,
      leases,
      ...(changes.length > 0 && { changes }),
      ...(freezes.length > 0 && { freezes }),
    };
    const how = { colours: hasColours(io.stdout, io.environment) };
    printDocument(
      io,
      document,
      () => leaseStatusText(leases, how) + freezeStatusText(freezes, how) + unfinishedText(changes, how),
    );
    const unknown = leases.filter((lease) => lease.state === 'unknown');
    if (!io.options.json) for (const { cluster, reason } of unknown) tell(`${cluster}: ${reason}`);
    return unread.length + unknown.length > 0 ? exitCodes.unknown : exitCodes.answered;
  },
});

async function clustersOf(io: Caller) {
  const { options, signal } = io;
  if (isAddressed(io)) return { clusters: [await clusterOf(io)], rules: [] };
  const config = await loadConfig(configPath(options.config), { signal });
  const { clusters } = config;
  const rules = freezesOf(config);
  if (options.cluster !== undefined) return { clusters: [await clusterOf(io)], rules };
  return { clusters: Object.entries(clusters).map(([name, config]) => ({ name, config })), rules };
}
