// Implements `plimsoll get topic`: partitions of a topic with offsets and consumers.

import { settingsOf } from '../../brokers/reported.ts';
import type { ClusterSnapshot } from '../../brokers/snapshot.ts';
import type { Topic } from '../../core/cluster.ts';
import { reportOn, reportOptions } from '../cluster-report.ts';
import { defineCommand, oneWord } from '../command.ts';
import { countText, ifKnown } from '../../core/text/quantity-text.ts';
import { noSuch } from '../../app/observe/no-such.ts';
import { partitionKey, queueName } from '../../brokers/delta/partition-key.ts';
import { gapsIn, groupSections } from '../report.ts';
import { columnsOf, renderTable } from '../../core/text/table.ts';
import { defined } from '../../core/defined.ts';

export const getTopicCommand = defineCommand({
  positionals: 'NAME',
  options: reportOptions('topic, internal, settings, partitions, groups'),
  examples: ['plimsoll get topic orders', 'plimsoll get topic %RETRY%billing --namesrv 10.0.0.5:9876 --json'],

  async run(io) {
    const wanted = oneWord(io, 'get topic', 'the name of a topic');
    return reportOn(io, async ({ name, config, inspect, colours }) => {
      const inspector = await inspect();
      const snapshot = await inspector.snapshot(io);
      const topic = snapshot.topics.find((each) => each.name === wanted);
      if (topic === undefined) {
        const cluster = { name, kind: config.broker };
        throw noSuch('topic', wanted, cluster, snapshot.topics, gapsIn(snapshot, ['metadata', 'topics']));
      }
      const partitions = partitionsIn(snapshot, topic);
      const groups = snapshot.groups.filter(({ partitions: lags }) =>
        Iterator.from(lags).some((each) => each.topic === wanted),
      );
      const isGroupUnread = gapsIn(snapshot, groupSections).length > 0;
      const noGroup = isGroupUnread ? 'groups were not all read' : 'no group has committed here';
      const settings = settingsOf(snapshot, wanted);
      const rows = partitions.map(({ queue, leader, replicas, inSyncReplicas, start, end }) => [
        queue,
        leader ?? 'none',
        replicas.join(','),
        inSyncReplicas?.join(','),
        ifKnown(start, countText),
        ifKnown(end, countText),
        start === undefined || end === undefined ? undefined : countText(end - start),
      ]);
      return {
        json: {
          topic: wanted,
          internal: topic.internal,
          ...(topic.id !== undefined && { id: topic.id }),
          settings,
          partitions,
          groups: groups.map((group) => group.name),
        },
        text: [
          `${wanted}${topic.internal ? ' (internal)' : ''}\n`,
          ...Object.entries(settings).map(([key, value]) => `  ${key}: ${value}\n`),
          renderTable(columns, rows, { colours }),
          groups.length === 0 ? `${noGroup}\n` : `groups: ${groups.map((group) => group.name).join(', ')}\n`,
        ].join(''),
        notices: gapsIn(snapshot),
      };
    });
  },
});

const columns = columnsOf(['PARTITION', 'LEADER', 'REPLICAS', 'IN SYNC', '>START', '>END', '>MESSAGES']);

function partitionsIn({ offsets }: ClusterSnapshot, topic: Topic) {
  const known = new Map(offsets.filter((each) => each.topic === topic.name).map((each) => [partitionKey(each), each]));
  return topic.partitions.map((each) => {
    const { start, end, lastStable } = known.get(partitionKey(each)) ?? {};
    const { partition, brokerName, leader, replicas, inSyncReplicas, unknownReplicas } = each;
    return defined({
      queue: queueName(each),
      partition,
      brokerName,
      leader,
      replicas,
      inSyncReplicas: unknownReplicas === undefined ? inSyncReplicas : undefined,
      start,
      end,
      lastStable,
    });
  });
}
