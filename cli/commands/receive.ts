// Declares `plimsoll receive`: the next messages of a topic, once, and a commit only on request.

import { commitReceived, positionText, refuseRunning } from '../../app/change/offsets/commit-received.ts';
import { decodedMessages } from '../../app/observe/decoded-messages.ts';
import { maskedFieldsOf, maskedMessage } from '../../app/observe/masked-messages.ts';
import { clusterOf, clusterToChange, verifyCluster } from '../../app/observe/named-cluster.ts';
import { receiveMessages } from '../../app/observe/receive-messages.ts';
import { queueName } from '../../brokers/delta/partition-key.ts';
import { openGroupOffsets } from '../../brokers/open-by-kind.ts';
import { driverOf } from '../../brokers/registry.ts';
import { valueDecoderOf } from '../../brokers/schema-registry/value-decoder.ts';
import { AppError, exitCodes } from '../../core/errors.ts';
import { renderBytes } from '../../core/text/bytes-text.ts';
import { plain } from '../../core/text/table.ts';
import { topicOption, leaseOptions } from '../change/administration-options.ts';
import { clusterOptions, placeOf } from '../options.ts';
import { defineCommand, flag, option, renderJson, text, wholeNumber } from '../command.ts';
import { requireConfirmable } from '../confirm.ts';
import { readStart, messageDocument } from '../message-text.ts';
import { defined } from '../../core/defined.ts';

const mostMessages = 10_000;
const mostBytes = 10_000_000;

const options = {
  ...clusterOptions,
  topic: topicOption,
  partition: text('N', 'only this partition; RocketMQ: queue, such as broker-a:3'),
  count: option('N', 'maximum number of messages to receive (default 1)', wholeNumber(1, mostMessages).default(1)),
  group: text(
    'NAME',
    'start at the committed offsets of this group (without --group or without a commit: at the oldest message)',
  ),
  since: text('TIME', 'from this time (with zone) on'),
  offset: text('N', 'from this offset in each partition'),
  commit: flag('commit the offsets of the received messages for --group; the group must have no running members'),
  ...leaseOptions,
  json: flag('print one JSON document: { schemaVersion, messages, next, isCommitted }; bytes in base64'),
};

export const receiveCommand = defineCommand({
  options,
  examples: [
    'plimsoll receive --cluster orders --topic order-paid',
    'plimsoll receive --cluster orders --topic order-paid --count 10 --since 2026-11-11T00:00:00+08:00',
    'plimsoll receive --cluster orders --topic order-paid --group billing --count 5 --commit',
  ],

  async run(io) {
    const { topic, partition, count: most, group, commit, json } = io.options;
    if (commit && group === undefined) throw new AppError('usage', '--commit needs --group');
    if (!commit && io.options['write-plan'] !== undefined) throw new AppError('usage', '--write-plan needs --commit');
    const cluster = await (commit ? clusterToChange : clusterOf)(io);
    const { name, config } = cluster;
    const from = readStart(io.options, io.clock.now(), startHint);
    await using lookup = await driverOf(config).lookUp(name, config, io);
    await using offsets = group === undefined ? undefined : await openGroupOffsets(name, config, io);
    // Refuses an impossible commit before anything is printed.
    if (commit && offsets !== undefined && group !== undefined) {
      await refuseRunning(offsets, group, io);
      if (io.options['write-plan'] === undefined) requireConfirmable(io, await verifyCluster({ name, config }, io));
    }
    const request = {
      topic,
      most,
      ...defined({ from, group }),
      ...(partition !== undefined && { partition: placeOf(partition, config, topic) }),
    };
    const { messages: found, next } = await receiveMessages(lookup, offsets, request, io);
    const masked = maskedFieldsOf(topic, cluster);
    const messages = (await decodedMessages(found, valueDecoderOf(config), io)).map((each) =>
      maskedMessage(each, masked),
    );
    if (!json) {
      for (const { message, decoded } of messages) {
        const value = decoded?.kind === 'decoded' ? Buffer.from(decoded.json) : message.value;
        io.stdout.write(value === undefined ? '(tombstone)\n' : renderBytes(value.subarray(0, mostBytes)) || '\n');
      }
    }
    // Messages that were not printed are not committed.
    const isCommitted =
      commit &&
      next.length > 0 &&
      offsets !== undefined &&
      group !== undefined &&
      (await commitReceived(io, cluster, offsets, { group, topic, next }));
    if (json) {
      const documents = messages.map((each) => messageDocument(each, mostBytes));
      const positions = next.map((each) => ({ partition: queueName(each), offset: String(each.offset) }));
      io.stdout.write(renderJson({ schemaVersion: 1, messages: documents, next: positions, isCommitted }));
    } else {
      const places = next.map(positionText).join(', ');
      const state = messages.length === 0 ? 'no message' : `next: ${places}`;
      io.stderr.write(plain(`${state}; ${isCommitted ? `committed for ${group}` : 'nothing was committed'}`) + '\n');
    }
    return messages.length === 0 ? exitCodes.unknown : exitCodes.answered;
  },
});

const startHint = 'without --since, it starts at the committed offset, or at the oldest message';
