// Implements `plimsoll get groups`: consumer groups with state and lag.

import { detailsOf } from '../../brokers/reported.ts';
import type { ClusterSnapshot, GroupSnapshot } from '../../brokers/snapshot.ts';
import { reportOn, reportOptions } from '../cluster-report.ts';
import { defineCommand } from '../command.ts';
import { countText, ifKnown } from '../../core/text/quantity-text.ts';
import { boundText, gapsIn, lagGapsIn, uncommittedIn, uncommittedText, wholeLagIn } from '../report.ts';
import { columnsOf, renderTable } from '../../core/text/table.ts';
import { defined } from '../../core/defined.ts';

export const getGroupsCommand = defineCommand({
  options: reportOptions('groups'),
  examples: ['plimsoll get groups', 'plimsoll get groups --cluster orders --json'],

  run: (io) =>
    reportOn(io, async ({ inspect, colours }) => {
      const inspector = await inspect();
      const snapshot = await inspector.snapshot(io);
      const uncommittedOf = uncommittedIn(snapshot.offsets);
      const groups = snapshot.groups
        .map((group) => rowOf(group, snapshot, uncommittedOf(group)))
        .sort((one, other) => Number((other.lag ?? -1n) - (one.lag ?? -1n)) || (one.name < other.name ? -1 : 1));
      const least = boundText(snapshot, ['commits']);
      const rows = groups.map((group) => [
        group.name,
        group.state ?? group.kind,
        ifKnown(group.members, countText),
        group.clientVersions?.join(','),
        ifKnown(
          group.lag,
          (lag) => `${least}${countText(lag)}${uncommittedText(group.uncommitted, snapshot.cluster.kind)}`,
        ),
        group.topics.join(','),
      ]);
      return {
        json: { groups },
        text: renderTable(columns, rows, { colours }),
        notices: [...gapsIn(snapshot), ...lagGapsIn(snapshot.groups)],
      };
    }),
});

const columns = columnsOf(['GROUP', 'STATE', '>MEMBERS', 'CLIENTS', '>LAG', 'TOPICS']);

function rowOf(group: GroupSnapshot, snapshot: ClusterSnapshot, uncommitted: number | undefined) {
  const { name, state, kind, members, partitions, withoutEnd } = group;
  return defined({
    name,
    state,
    kind,
    members,
    clientVersions: detailsOf(snapshot).groups?.find((each) => each.name === name)?.clientVersions,
    lag: wholeLagIn(group),
    uncommitted,
    topics: [...new Set([...Array.from(partitions, ({ topic }) => topic), ...(withoutEnd?.keys() ?? [])])].sort(),
  });
}
