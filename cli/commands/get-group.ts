// Implements `plimsoll get group`: lag by partition, members and assignments of a group.

import type { GroupMember, GroupMembers } from '../../brokers/lookup.ts';
import { detailsOf } from '../../brokers/reported.ts';
import type { GroupSnapshot } from '../../brokers/snapshot.ts';
import type { PartitionOffsets, PartitionPlace } from '../../core/cluster.ts';
import { reportOn, reportOptions } from '../cluster-report.ts';
import { defineCommand, flag, oneWord } from '../command.ts';
import { durationText } from '../../core/text/duration-text.ts';
import { countText, ifKnown, pluralText, rateNumberText } from '../../core/text/quantity-text.ts';
import { noSuch } from '../../app/observe/no-such.ts';
import { partitionKey, queueName } from '../../brokers/delta/partition-key.ts';
import { boundText, gapsIn, groupSections, lagGapsIn, uncommittedIn, uncommittedText, wholeLagIn } from '../report.ts';
import { type CellsOf, columnsOf, plain, renderTable, tableOf } from '../../core/text/table.ts';
import { isBeyondEnd, lagOf, lostIn } from '../../core/consumer-lag.ts';
import { naturalOrder } from '../../core/text/natural-order.ts';
import { defined } from '../../core/defined.ts';
import { faultOf } from '../../core/errors.ts';

export const getGroupCommand = defineCommand({
  positionals: 'NAME',
  options: {
    ...reportOptions('group, partitions, members'),
    stacks: flag('RocketMQ: print the stack traces of the threads of each Java member'),
  },
  examples: [
    'plimsoll get group billing',
    'plimsoll get group billing --stacks',
    'plimsoll get group billing --bootstrap broker-1:9092 --json',
  ],

  async run(io) {
    const wanted = oneWord(io, 'get group', 'the name of a consumer group');
    return reportOn(io, async ({ name, config, inspect, lookUp, colours }) => {
      const inspector = await inspect();
      const lookup = await lookUp();
      const snapshot = await inspector.snapshot(io);
      const known = snapshot.groups.find((group) => group.name === wanted);
      const { stacks } = io.options;
      const found = await lookup.members(wanted, io, { stacks }).catch((cause: unknown): GroupMembers => {
        const fault = faultOf(cause, io);
        if (known === undefined) throw fault;
        return { members: [], notices: [fault.message] };
      });
      const unread = gapsIn(snapshot, groupSections);
      if (known === undefined && found.members.length === 0) {
        const cluster = { name, kind: config.broker };
        throw noSuch('group', wanted, cluster, snapshot.groups, [...found.notices, ...unread]);
      }
      const group: GroupSnapshot = known ?? { name: wanted, partitions: [] };
      const details = detailsOf(snapshot).groups?.find((each) => each.name === wanted);
      const [state, kind] = [group.state, group.kind ?? details?.messageModel];
      const partitions = partitionsOf(group, snapshot.offsets, found.members);
      const lag = wholeLagIn(group);
      const lagGaps = lagGapsIn([group]);
      const noLag = lagGaps.length > 0 || unread.length > 0 ? 'lag unknown' : 'no commit at the brokers';
      const uncommitted = uncommittedIn(snapshot.offsets)(group);
      const without = uncommittedText(uncommitted, snapshot.cluster.kind);
      const lost = lostIn(group.partitions);
      const deleted = lost === undefined ? '' : `, ${countText(lost)} of them deleted before consumed`;
      const ofLite = (detailsOf(snapshot).liteLags ?? []).filter((each) => each.group === wanted);
      const lite = ofLite.map(
        ({ topic, messages }) => `lag ${pluralText(messages, 'message')} in lite topics of ${topic}`,
      );
      const least = boundText(snapshot, ['commits']);
      const whole = lag === undefined ? [] : [`lag ${least}${pluralText(lag, 'message')}${deleted}${without}`];
      const behind = [...whole, ...lite].join(', ') || noLag;
      return {
        json: {
          group: defined({
            name: wanted,
            state,
            kind,
            consumeType: details?.consumeType,
            assignor: found.assignor,
            lag,
            lost,
            uncommitted,
          }),
          partitions,
          members: found.members,
        },
        text: renderGroup(
          [wanted, [state, kind, details?.consumeType, found.assignor].filter(Boolean).join(', ')],
          partitions,
          { found, behind, colours },
        ),
        notices: [...found.notices, ...gapsIn(snapshot), ...lagGaps],
      };
    });
  },
});

interface PartitionRow {
  topic: string;
  queue: string;
  committed?: bigint;
  /** Absent if unreadable. */
  end?: bigint;
  lag?: bigint;
  /** Member ids; several for a broadcasting group. */
  members: readonly string[];
}

/** Also lists partitions without a commit, if the group committed elsewhere in the topic. */
function partitionsOf(
  { partitions, withoutEnd }: GroupSnapshot,
  offsets: readonly PartitionOffsets[],
  members: readonly GroupMember[],
): PartitionRow[] {
  const readers = Map.groupBy(
    members.flatMap(({ id, assigned = [] }) => assigned.map((place) => ({ id, key: partitionKey(place) }))),
    ({ key }) => key,
  );
  const rowOf = (place: PartitionPlace, offsets: Pick<PartitionRow, 'committed' | 'end' | 'lag'>): PartitionRow => ({
    topic: place.topic,
    queue: queueName(place),
    ...offsets,
    members: readers.get(partitionKey(place))?.map(({ id }) => id) ?? [],
  });
  const unread = [...(withoutEnd ?? [])].flatMap(([topic, commits]) =>
    commits.map(({ committed, ...place }) => rowOf({ topic, ...place }, { committed })),
  );
  const read = Array.from(partitions, (each) =>
    rowOf(
      each,
      defined({ committed: each.committed, end: each.end, lag: isBeyondEnd(each) ? undefined : lagOf(each) }),
    ),
  );
  const committedIn = new Set([...read, ...unread].flatMap((row) => (row.committed === undefined ? [] : [row.topic])));
  const listed = new Set([...read, ...unread].map(({ topic, queue }) => `${topic} ${queue}`));
  // Queues of named brokers are part of the group, if the broker responded.
  const never = offsets
    .filter(({ topic, brokerName }) => committedIn.has(topic) && brokerName === undefined)
    .filter((each) => !listed.has(`${each.topic} ${queueName(each)}`))
    .map((each) => rowOf(each, defined({ end: each.end })));
  return [...read, ...unread, ...never].sort(
    (one, other) => naturalOrder(one.topic, other.topic) || naturalOrder(one.queue, other.queue),
  );
}

function renderGroup(
  [name, facts]: readonly [name: string, facts: string],
  partitions: readonly PartitionRow[],
  { found, behind, colours }: { found: GroupMembers; behind: string; colours: boolean },
): string {
  const rows = partitions.map((row) => [
    row.topic,
    row.queue,
    row.committed === undefined ? 'never' : countText(row.committed),
    ifKnown(row.end, countText),
    ifKnown(row.lag, countText),
    row.members.join(','),
  ]);
  const members = found.members.map(({ id, clientId, address, language, version, subscriptions, assigned }) => [
    id === clientId ? id : `${clientId} (${id})`,
    address,
    [language, version].filter(Boolean).join(' '),
    subscriptions && subscribed(subscriptions),
    ifKnown(assigned?.length, countText),
  ]);
  const noMember = found.notices.length > 0 ? 'no member was read\n' : 'no member is connected\n';
  return [
    `${name}${facts === '' ? '' : ` (${facts})`}: ${behind}\n`,
    ...(rows.length === 0 ? [] : [renderTable(partitionColumns, rows, { colours })]),
    members.length === 0 ? noMember : `\n${renderTable(memberColumns, members, { colours })}`,
    ...renderConsumption(found.members, colours),
    ...found.members.flatMap(({ id, stacks }) =>
      stacks === undefined ? [] : [`\nstacks of ${id}:\n${lines(stacks)}`],
    ),
  ].join('');
}

const lines = (text: string) =>
  text
    .split('\n')
    .map((line) => `${plain(line)}\n`)
    .join('');

function renderConsumption(members: readonly GroupMember[], colours: boolean): string[] {
  const rows = members.flatMap(({ id, consumption = [] }) => consumption.map((each) => ({ id, ...each })));
  return rows.length === 0 ? [] : [`\n${tableOf(rows, consumptionCells, { colours })}`];
}

/** `orders, payments (TagA || TagB)` */
const subscribed = (subscriptions: Readonly<Record<string, string>>) =>
  Object.entries(subscriptions)
    .map(([topic, expression]) => (expression === '*' ? topic : `${topic} (${expression})`))
    .join(', ');

const partitionColumns = columnsOf(['TOPIC', 'PARTITION', '>COMMITTED', '>END', '>LAG', 'READ BY']);

type Consumption = NonNullable<GroupMember['consumption']>[number];
const consumptionCells: CellsOf<Consumption & { id: string }> = {
  MEMBER: ({ id }) => id,
  TOPIC: ({ topic }) => topic,
  '>TIME PER BATCH': ({ secondsPerBatch }) => ifKnown(secondsPerBatch, durationText),
  '>CONSUMED/S': ({ okPerSecond }) => ifKnown(okPerSecond, rateNumberText),
  '>FAILED/S': ({ failedPerSecond }) => ifKnown(failedPerSecond, rateNumberText),
  '>FAILED IN AN HOUR': ({ failedLastHour }) => ifKnown(failedLastHour, countText),
};

const memberColumns = columnsOf(['MEMBER', 'ADDRESS', 'CLIENT', 'SUBSCRIBES TO', '>READS']);
