// Implements `plimsoll ops kafka partitions`: adds partitions, or describes a change to a new topic.

import { z } from 'zod';
import { openKafkaChanges, type KafkaChanges } from '../../brokers/kafka/changes/kafka-changes.ts';
import { kafkaDriver } from '../../brokers/kafka/driver.ts';
import type { ClusterSnapshot } from '../../brokers/snapshot.ts';
import type { Topic } from '../../core/cluster.ts';
import { AppError, exitCodes } from '../../core/errors.ts';
import { partitionSteps } from '../../ops/kafka/partitions/partition-steps.ts';
import { cutOverSteps } from '../../ops/kafka/partitions/cut-over.ts';
import { measureMoves, stayingShare } from '../../ops/kafka/partitions/key-moves.ts';
import { planPartitions } from '../../ops/kafka/partitions/new-partitions.ts';
import { partitionNotice } from '../../ops/kafka/partitions/notice.ts';
import { groupsOf, partitionFindings } from '../../ops/kafka/partitions/partition-findings.ts';
import { changeOnce } from '../../app/change/change-once.ts';
import { leaseOptions } from '../change/lease-options.ts';
import { offerForApproval } from '../../app/change/require-approval.ts';
import { clusterOfKind } from '../../app/observe/named-cluster.ts';
import { clusterOptions } from '../cluster-option.ts';
import { defineCommand, type CommandIo, type OptionValues } from '../command.ts';
import { flag, option, PositiveAmount, text, wholeNumber } from '../option.ts';
import { isAddressed, verifyLive } from '../../app/observe/verify-cluster.ts';
import { noSuch } from '../no-such.ts';
import { noticeOptions } from '../reassign/notice-language.ts';
import { partitionsText, type PartitionsDocument } from '../reassign/partitions-text.ts';

const defaultSample = 10_000;
/** Kafka's own limit is none; beyond it a topic has more partitions than a cluster of Kafka 4 is meant for. */
const mostPartitions = 100_000;

const { config, cluster, bootstrap } = clusterOptions;

const partitionOptions = {
  config,
  cluster,
  bootstrap,
  topic: option('NAME', 'the topic', z.string(), { missing: 'which topic is meant?' }),
  to: option(
    'N',
    'how many partitions it is to have; fewer are refused, with the steps to a new topic',
    wholeNumber(1, mostPartitions),
    { missing: 'how many partitions is it to have?' },
  ),
  sample: option(
    'N',
    `look at so many of the newest messages for their keys (default ${defaultSample})`,
    PositiveAmount.default(defaultSample),
  ),
  'new-topic': text('NAME', 'for fewer: what the new topic is called (default NAME-v2)'),
  ...noticeOptions,
  execute: flag('make the partitions, once the name of the cluster is typed'),
  ...leaseOptions,
  json: flag('print one JSON document'),
};

type PartitionsIo = CommandIo<OptionValues<typeof partitionOptions>>;

export const opsKafkaPartitionsCommand = defineCommand({
  name: 'ops kafka partitions',
  options: partitionOptions,
  examples: [
    'plimsoll ops kafka partitions --cluster orders --topic order-paid --to 24',
    'plimsoll ops kafka partitions --cluster orders --topic order-paid --to 24 --execute',
    'plimsoll ops kafka partitions --cluster orders --topic order-paid --to 3 --new-topic order-paid-2',
  ],

  async run(io) {
    const { topic: name, to, notice: language } = io.options;
    const named = await clusterOfKind(io, 'kafka');
    await using changes = openKafkaChanges(named.name, named.config, { clock: io.clock });
    await using inspector = await kafkaDriver.inspect(named.name, named.config, io);
    const snapshot = await inspector.snapshot(io);
    const metadata = await changes.describe(io);
    const topic = metadata.topics.find((each) => each.name === name);
    if (topic === undefined) throw noSuch('topic', name, named.name, metadata.topics);
    const from = topic.partitions.length;
    const groups = groupsOf(snapshot.groups, name);
    if (to === from) throw new AppError('usage', `--to ${to}: ${name} has ${from} partitions already`);
    if (to < from) {
      const steps = cutOverSteps(await asCutOver(io, changes, topic, { to, groups }));
      refuse(io, { topic: name, from, to, steps });
      return exitCodes.usage;
    }
    const samples = await changes.sampleKeys(newest(snapshot, topic, io.options.sample), perPartition(io, from), io);
    const measured = measureMoves(samples, from, to);
    const { assignments, load } = planPartitions(metadata, topic, to);
    const moved = 1 - stayingShare(from, to);
    const isCompacted = /compact/.test(
      snapshot.kafka?.topicConfigs.find((each) => each.topic === name)?.cleanupPolicy ?? '',
    );
    const findings = partitionFindings({ topic: name, from, to, moved }, { measured, groups, isCompacted });
    const notice =
      language &&
      partitionNotice(
        { topic: name, from, to, moved, groups: groups.map(({ group }) => group), window: io.options.window },
        language,
      );
    const document: PartitionsDocument = {
      topic: name,
      from,
      to,
      keysMoved: moved,
      measured,
      groups,
      assignments,
      leaders: load,
      findings,
      ...(notice !== undefined && { notice }),
    };
    await offerForApproval(
      io,
      named,
      { change: 'partitions', subject: `topic ${name}` },
      {
        steps: [
          `topic ${name} gets ${to - from} more partitions: ${from} to ${to} (undo: none: Kafka cannot remove partitions)`,
        ],
        exact: { topic: name, from, to, assignments },
      },
    );
    // Whether the controller would is asked before somebody decides.
    await changes.createPartitions({ topic: name, count: to, assignments }, { validateOnly: true }, io);
    if (io.options.execute) {
      const typed = verifyLive(named, snapshot.cluster, { isRequired: !isAddressed(io) });
      if (!io.options.json) io.stderr.write(partitionsText(document));
      await changeOnce(
        io,
        { name: named.name, config: named.config, typed },
        {
          change: 'partitions',
          subject: `topic ${name}`,
          says: `Topic ${name} gets ${to - from} more partitions, which cannot be taken away again.`,
          facts: { topic: name, from, to, assignments },
          steps: partitionSteps(changes, { topic: name, count: to, assignments }, io.clock, (seconds) => {
            document.executed = { partitions: to, seconds };
          }),
        },
      );
    }
    print(io, document);
    return exitCodes.answered;
  },
});

const perPartition = ({ options }: PartitionsIo, partitions: number) => Math.ceil(options.sample / partitions);

function newest({ offsets }: ClusterSnapshot, { name, partitions }: Topic, sample: number) {
  const each = BigInt(Math.ceil(sample / partitions.length));
  return offsets.flatMap(({ topic, partition, start, end }) => {
    if (topic !== name || start === undefined || end === undefined) return [];
    return [{ topic, partition, from: end - each > start ? end - each : start, end }];
  });
}

async function asCutOver(
  io: PartitionsIo,
  changes: KafkaChanges,
  { name, partitions }: Topic,
  { to, groups }: { to: number; groups: ReturnType<typeof groupsOf> },
) {
  const keys = [
    'retention.ms',
    'retention.bytes',
    'cleanup.policy',
    'min.insync.replicas',
    'max.message.bytes',
    'compression.type',
    'message.timestamp.type',
  ];
  const settings = await changes.settingsOf({ kind: 'topic', name }, keys, io);
  const own = [...settings].flatMap(([key, { value, isOwn }]) =>
    isOwn && value !== undefined ? [[key, value] as const] : [],
  );
  return {
    topic: name,
    to,
    newTopic: io.options['new-topic'] ?? `${name}-v2`,
    replicationFactor: partitions[0]?.replicas.length ?? 1,
    settings: Object.fromEntries(own),
    groups,
  };
}

function refuse(
  io: PartitionsIo,
  { topic, from, to, steps }: { topic: string; from: number; to: number; steps: readonly string[] },
): void {
  const reason = `Kafka cannot take partitions away: ${topic} keeps its ${from}, and ${to} are had by a new topic.`;
  if (io.options.json) {
    io.stdout.write(
      `${JSON.stringify({ schemaVersion: 1, topic, from, to, refused: reason, cutOver: steps }, undefined, 2)}\n`,
    );
    return;
  }
  io.stdout.write(`${reason}\n\n${steps.map((step, index) => `${index + 1}. ${step}`).join('\n')}\n`);
}

function print(io: PartitionsIo, document: PartitionsDocument): void {
  if (io.options.json) io.stdout.write(`${JSON.stringify({ schemaVersion: 1, ...document }, undefined, 2)}\n`);
  else if (document.executed === undefined) io.stdout.write(partitionsText(document));
  else
    io.stdout.write(
      `${document.topic} has ${document.executed.partitions} partitions; every broker knew of them and their leaders after ${document.executed.seconds.toFixed(1)} s.\n${document.notice === undefined ? '' : `\n${document.notice}`}`,
    );
}
