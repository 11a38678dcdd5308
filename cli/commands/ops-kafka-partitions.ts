// Declares `plimsoll ops kafka partitions`, and prints its plan, its result or the steps to a new topic.

import { z } from 'zod';
import {
  addPartitions,
  type FewerPartitions,
  type FinishedPartitions,
  type PlannedPartitions,
} from '../../app/change/partitions/add-partitions.ts';
import { exitCodes } from '../../core/errors.ts';
import { leaseOptions } from '../change/administration-options.ts';
import { kafkaClusterOptions } from '../options.ts';
import { defineCommand, flag, option, PositiveAmount, renderJson, text, wholeNumber } from '../command.ts';
import { noticeOptions } from '../reassign/notice-language.ts';
import { columnsOf, plain, renderTable } from '../../core/text/table.ts';

const defaultSample = 10_000;
/** Kafka has no limit; a cluster of Kafka 4 is not designed for topics with more partitions. */
const mostPartitions = 100_000;

const partitionOptions = {
  ...kafkaClusterOptions,
  topic: option('NAME', 'the topic', z.string()),
  to: option(
    'N',
    'new number of partitions; fewer than now is refused, with the steps to a new topic',
    wholeNumber(1, mostPartitions),
  ),
  sample: option(
    'N',
    `number of newest messages to read for their keys (default ${defaultSample})`,
    PositiveAmount.default(defaultSample),
  ),
  'new-topic': text('NAME', 'for fewer partitions: name of the new topic (default NAME-v2)'),
  'accept-key-moves': flag('also add partitions to a topic that is compacted or read by Kafka Streams applications'),
  ...noticeOptions,
  execute: flag('add the partitions, after you confirm the cluster'),
  ...leaseOptions,
  json: flag('print one JSON document'),
};

export const opsKafkaPartitionsCommand = defineCommand({
  options: partitionOptions,
  examples: [
    'plimsoll ops kafka partitions --cluster orders --topic order-paid --to 24',
    'plimsoll ops kafka partitions --cluster orders --topic order-paid --to 24 --execute',
    'plimsoll ops kafka partitions --cluster orders --topic order-paid --to 3 --new-topic order-paid-2',
  ],

  async run(io) {
    const { json } = io.options;
    const document = await addPartitions(io, (planned) => {
      if (!json) io.stderr.write(partitionsText(planned));
    });
    io.stdout.write(json ? renderJson({ schemaVersion: 1, ...document }) : textOf(document));
    return 'refused' in document ? exitCodes.prerequisite : exitCodes.answered;
  },
});

function textOf(document: PlannedPartitions | FewerPartitions | FinishedPartitions): string {
  if ('refused' in document) {
    return `${document.refused}\n\n${document.cutOver.map((step, index) => `${index + 1}. ${step}`).join('\n')}\n`;
  }
  if (!('assignments' in document)) return doneText(document);
  const { executed, notice } = document;
  if (executed === undefined) return partitionsText(document);
  return doneText(document) + (notice === undefined ? '' : `\n${notice}`);
}

function doneText({ topic, to, executed }: FinishedPartitions): string {
  if (executed === undefined) return `${topic} has ${to} partitions already: nothing to change\n`;
  const { partitions, seconds } = executed;
  return `${topic} has ${partitions} partitions; every broker listed them and their leaders after ${seconds.toFixed(1)} s.\n`;
}

const mostShown = 12;

function partitionsText({ topic, from, to, assignments, leaders, findings, notice }: PlannedPartitions): string {
  const shown = assignments
    .slice(0, mostShown)
    .map((replicas, index) => `  ${topic}-${from + index} on ${replicas.join(', ')}\n`);
  const more = assignments.length - shown.length;
  return [
    `${topic}: ${to - from} more partitions, ${from} to ${to}.\n`,
    ...shown,
    ...(more > 0 ? [`  and ${more} more; --json shows all\n`] : []),
    '\n',
    renderTable(
      columnsOf(['broker', '>leads of it now', '>then', '>leads in all now', '>then']),
      leaders.map(({ broker, topic: own, all }) => [
        String(broker),
        String(own.before),
        String(own.after),
        String(all.before),
        String(all.after),
      ]),
    ),
    '\nundo: none: Kafka cannot remove partitions\n',
    ...findings.map(({ severity, message }) => `${severity}: ${plain(message)}\n`),
    ...(notice === undefined ? [] : [`\n${notice}`]),
  ].join('');
}
