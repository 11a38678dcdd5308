// Implements `plimsoll get groups`: consumer groups with state and lag.

import { driverOf } from '../../brokers/registry.ts';
import type { ClusterSnapshot, GroupSnapshot } from '../../brokers/snapshot.ts';
import { exitCodes } from '../../core/errors.ts';
import { clusterOf } from '../../app/observe/named-cluster.ts';
import { clusterOptions } from '../cluster-option.ts';
import { defineCommand } from '../command.ts';
import { flag } from '../option.ts';
import { hasColours } from '../command-line.ts';
import { countText, ifKnown } from '../../core/text/quantity-text.ts';
import { gapsIn, printReport } from '../report.ts';
import { renderTable } from '../../core/text/table.ts';
import { lagIn } from '../../core/consumer-lag.ts';

export const getGroupsCommand = defineCommand({
  name: 'get groups',
  options: {
    ...clusterOptions,
    json: flag('print one JSON document: { schemaVersion, groups, notices }'),
  },
  examples: ['plimsoll get groups', 'plimsoll get groups --cluster orders --json'],

  async run(io) {
    const { name, config } = await clusterOf(io);
    await using inspector = await driverOf(config).inspect(name, config, io);
    const snapshot = await inspector.snapshot(io);
    const groups = snapshot.groups
      .map((group) => rowOf(group, snapshot))
      .sort((one, other) => Number((other.lag ?? -1n) - (one.lag ?? -1n)) || (one.name < other.name ? -1 : 1));
    const rows = groups.map((group) => [
      group.name,
      group.state ?? group.kind,
      ifKnown(group.members, countText),
      group.clientVersions?.join(','),
      ifKnown(group.lag, countText),
      group.topics.join(','),
    ]);
    printReport(io, {
      json: { groups },
      text: renderTable(columns, rows, { colours: hasColours(io.stdout, io.environment) }),
      notices: gapsIn(snapshot),
    });
    return exitCodes.answered;
  },
});

const columns = [
  { heading: 'GROUP' },
  { heading: 'STATE' },
  { heading: 'MEMBERS', isFigure: true },
  { heading: 'CLIENTS' },
  { heading: 'LAG', isFigure: true },
  { heading: 'TOPICS' },
];

function rowOf({ name, state, kind, members, partitions }: GroupSnapshot, { rocketmq }: ClusterSnapshot) {
  const versions = rocketmq?.groups.find((each) => each.name === name)?.clientVersions;
  const lag = lagIn(partitions);
  return {
    name,
    ...(state !== undefined && { state }),
    ...(kind !== undefined && { kind }),
    ...(members !== undefined && { members }),
    ...(versions !== undefined && { clientVersions: versions }),
    ...(lag !== undefined && { lag }),
    topics: [...new Set(Array.from(partitions, ({ topic }) => topic))].sort(),
  };
}
