// Implements `plimsoll get messages`: stored messages of a topic by time, offset, key, header or text, and new ones as they arrive.

import { browseTopic, followTopic, type BrowseRequest } from '../../app/observe/browse-topic.ts';
import { hasFilter, keysOf } from '../../app/observe/message-filter.ts';
import { queueName } from '../../brokers/delta/partition-key.ts';
import { decodedMessages, type DecodedMessage } from '../../app/observe/decoded-messages.ts';
import { maskedFieldsOf, maskedMessage, refuseMaskedSearch } from '../../app/observe/masked-messages.ts';
import type { FoundMessage } from '../../brokers/lookup.ts';
import { valueDecoderOf } from '../../brokers/schema-registry/value-decoder.ts';
import { AppError } from '../../core/errors.ts';
import { shortText } from '../../core/text/bytes-text.ts';
import { bytesText, countText } from '../../core/text/quantity-text.ts';
import { columnsOf, plain, renderTable } from '../../core/text/table.ts';
import { z } from 'zod';
import { clusterOptions, placeOf } from '../options.ts';
import { reportOn } from '../cluster-report.ts';
import { type CommandIo, defineCommand, flag, option, type OptionValues, text, wholeNumber } from '../command.ts';
import { filterOf, readStart, searchOptions, messageDocument } from '../message-text.ts';
import { whileRead } from '../while-read.ts';

const defaultMost = 20;
const defaultMostRead = 10_000;
const defaultBytes = 4096;
/** Longest value in a line. */
const shownBytes = 60;

const options = {
  ...clusterOptions,
  topic: option(
    'NAME',
    'topic to read; RMQ_SYS_TRANS_HALF_TOPIC holds messages of open and ended RocketMQ transactions',
    z.string(),
    { hint: '`plimsoll get topics` lists them' },
  ),
  partition: text('N', 'only this partition; RocketMQ: queue, such as broker-a:3'),
  since: text('TIME', 'from this time (with zone) on, oldest first (default: the newest messages)'),
  offset: text('N', 'from this offset in each partition, oldest first'),
  ...searchOptions,
  limit: option(
    'N',
    `maximum number of messages to print (default ${defaultMost})`,
    wholeNumber(1, 10_000).default(defaultMost),
  ),
  read: option(
    'N',
    `maximum number of messages to read during the search (default ${defaultMostRead})`,
    wholeNumber(1, 1_000_000).default(defaultMostRead),
  ),
  follow: flag('print new messages as they are stored, until Ctrl-C'),
  'max-bytes': option(
    'BYTES',
    `with --json: bytes of key, value and each property (default ${defaultBytes})`,
    wholeNumber(1, 10_000_000).default(defaultBytes),
  ),
  json: flag('print one JSON document: { schemaVersion, messages, read, isCut, notices }; bytes in base64'),
};
type Values = OptionValues<typeof options>;

export const getMessagesCommand = defineCommand({
  options,
  examples: [
    'plimsoll get messages --topic orders',
    'plimsoll get messages --topic orders --since 2026-11-11T00:00:00+08:00 --contains order-4711',
    'plimsoll get messages --topic orders --header TAGS=refund --follow',
  ],

  async run(io) {
    const request = requestOf(io);
    const { follow, json } = io.options;
    const most = io.options['max-bytes'];
    if (follow && json) {
      throw new AppError('usage', '--follow and --json exclude each other: a document has an end');
    }
    return reportOn(io, async ({ colours, lookUp, config, masks }) => {
      const lookup = await lookUp();
      const where = io.options.partition;
      const partition = where === undefined ? {} : { partition: placeOf(where, config, request.topic) };
      const decoder = valueDecoderOf(config);
      const masked = maskedFieldsOf(request.topic, { config, masks });
      refuseMaskedSearch(request.filter, masked);
      const shownOf = async (stored: readonly FoundMessage[]) =>
        (await decodedMessages(stored, decoder, io)).map((each) => maskedMessage(each, masked));
      const print = (each: DecodedMessage) =>
        io.stdout.write(
          `${lineOf(each)
            .map((cell) => plain(cell))
            .join('  ')}\n`,
        );
      if (follow) {
        const onUnread = (notice: string) => io.stderr.write(`note: ${plain(notice)}\n`);
        await whileRead(io, async ({ signal }) => {
          for await (const message of followTopic(lookup, { ...request, ...partition, onUnread }, { ...io, signal })) {
            (await shownOf([message])).forEach(print);
          }
        });
        return undefined;
      }
      const found = await browseTopic(lookup, { ...request, ...partition }, io);
      const { read, partitions, isCut } = found;
      const messages = await shownOf(found.messages);
      // Without a filter, each partition returns at most the newest messages to show, and at most its share of --read.
      const isOfLimit = request.from.kind === 'newest' && !hasFilter(request.filter);
      const share = Math.floor(request.mostRead / Math.max(1, partitions));
      const more = isOfLimit && share >= request.most ? '--limit' : '--read';
      return {
        json: {
          messages: messages.map((each) => messageDocument(each, most)),
          read,
          isCut,
        },
        text: messages.length === 0 ? 'no message matches\n' : renderTable(columns, messages.map(lineOf), { colours }),
        notices: [
          ...found.notices,
          ...(isCut
            ? [
                `messages read: ${countText(read)} (partitions: ${countText(partitions)}); more are stored: increase ${more}`,
              ]
            : []),
        ],
      };
    });
  },
});

const columns = columnsOf(['STORED AT', 'PARTITION', '>OFFSET', 'KEY', '>SIZE', 'VALUE']);

function lineOf({ message, decoded, valueBytes = message.value?.length }: DecodedMessage): string[] {
  const { storedAtMs, offset } = message;
  const value = decoded?.kind === 'decoded' ? Buffer.from(decoded.json) : message.value;
  return [
    storedAtMs === undefined ? '-' : new Date(storedAtMs).toISOString(),
    queueName(message),
    String(offset),
    keysOf(message).join(' '),
    valueBytes === undefined ? '-' : bytesText(valueBytes),
    value === undefined ? '(tombstone)' : shortText(value, shownBytes),
  ];
}

/** @throws AppError usage */
function requestOf({ options, clock }: Pick<CommandIo<Values>, 'options' | 'clock'>): Omit<BrowseRequest, 'partition'> {
  const { topic, limit, read } = options;
  const from = readStart(options, clock.now(), '--follow prints new messages') ?? { kind: 'newest' as const };
  return { topic, from, filter: filterOf(options), most: limit, mostRead: Math.max(limit, read) };
}
