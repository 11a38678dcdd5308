// Serves the page of a consumer group with the members that brokers report.

import type { RequestHandler } from 'express';
import { conflictNotice, type GroupMember } from '../../brokers/lookup.ts';
import { traitsOf } from '../../core/broker-kind/registry.ts';
import { renderGroupPage, type GroupContent, type MemberRow } from '../../dashboards/web/cluster/group-page.ts';
import type { Site } from '../../dashboards/web/site.ts';
import { isAllowed } from '../../exporter/name-filter.ts';
import { shownMember } from '../../exporter/http/group-members.ts';
import type { LagTimes } from '../../exporter/lag/lag-times.ts';
import type { ShownNames } from '../../exporter/shown-snapshot.ts';
import { groupRow } from '../clusters/snapshot-rows.ts';
import type { ServedCluster, ServiceParts } from '../parts.ts';
import { readTopics } from './cluster-lists.ts';
import { groupReadings, recentReadings, type RecentParts } from './shown-readings.ts';
import { mapAnswer, type Lookups } from '../clusters/lookups.ts';
import { pageOfCluster } from './served-page.ts';

/** Limits the page to less than megabytes; a group of ten thousand members is usually a mistake, which the page still shows. */
const mostMembers = 200;
const mostTopicsOfGroup = 200;

type GroupParts = RecentParts & Pick<ServiceParts, 'clusters'> & { lookups: Lookups };

export function createGroupPage({ clusters, lookups, ...parts }: GroupParts, site: Site): RequestHandler {
  return pageOfCluster(clusters, site, async (served, view, params) => {
    const lagTimes = parts.readings.of(served.name)?.lagTimes;
    const content = await groupContent(served, String(params['group']), lookups, lagTimes);
    if (content === undefined) return undefined;
    const recent = recentReadings(served.name, { group: content.group.name }, view, parts, (kept, query) =>
      groupReadings(kept, content.group.name, query),
    );
    return renderGroupPage({ ...content, readings: recent }, view);
  });
}

/** Looks up only groups of the last reading: a name from an address is never sent to a broker. */
export async function groupContent(
  served: ServedCluster,
  name: string,
  lookups: Lookups,
  lagTimes?: LagTimes,
): Promise<GroupContent | undefined> {
  const last = served.last();
  const group = last?.snapshot.groups.find((each) => each.name === name);
  if (last === undefined || group === undefined) return undefined;
  const { shown } = served;
  const answer = await lookups.ask(served, `members of ${name}`, (lookup, io) => lookup.members(name, io));
  return {
    cluster: served.name,
    broker: served.broker,
    // Without an answer of the coordinator, the group is shown as read earlier.
    readAt: new Date(last.at.getTime() - 1000 * (group.commitsAgeSeconds ?? 0)).toISOString(),
    group: groupRow(group, last.snapshot, served.traffic(), lagTimes),
    topics: readTopics(group, lagTimes).slice(0, mostTopicsOfGroup),
    answer: mapAnswer(answer, ({ assignor, conflicts = [], members, notices }) => ({
      ...(assignor !== undefined && { assignor }),
      conflicts: conflicts.filter((topic) => isAllowed(topic, shown.topics)),
      members: members.slice(0, mostMembers).map((member) => memberRow(member, shown)),
      more: Math.max(0, members.length - mostMembers),
      // The page shows these notices itself, in the language of the reader.
      notices: notices.filter(
        (notice) =>
          notice !== conflictNotice(conflicts) &&
          (traitsOf(served.broker).clients.groupVersions || !notice.includes('client versions of group members')),
      ),
    })),
  };
}

function memberRow(member: GroupMember, shown: ShownNames): MemberRow {
  const { assigned, ...row } = shownMember(member, shown);
  if (assigned === undefined) return row;
  const byTopic = Map.groupBy(assigned, ({ topic }) => topic);
  return { ...row, reads: Object.fromEntries(Array.from(byTopic, ([topic, { length }]) => [topic, length])) };
}
