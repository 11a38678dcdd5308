// Implements `plimsoll get message`: one message by place, id or key, truncated to a screen.

import { decodedMessages } from '../../app/observe/decoded-messages.ts';
import { maskedFieldsOf, maskedMessage, refuseMaskedSearch } from '../../app/observe/masked-messages.ts';
import type { MessageQuestion } from '../../brokers/lookup.ts';
import type { ClusterConfig } from '../../brokers/config.ts';
import { valueDecoderOf } from '../../brokers/schema-registry/value-decoder.ts';
import { AppError } from '../../core/errors.ts';
import { clusterOptions, placeOf } from '../options.ts';
import { reportOn } from '../cluster-report.ts';
import { Amount, type CommandIo, defineCommand, flag, option, text } from '../command.ts';
import { messageDocument, renderMessage } from '../message-text.ts';

const defaultMost = 4096;
const mostByKey = 8;

export const getMessageCommand = defineCommand({
  positionals: '[ID]',
  options: {
    ...clusterOptions,
    topic: text('NAME', 'topic of the message; RocketMQ: needed for keys and unique keys'),
    partition: text('N', 'partition; RocketMQ: queue, such as broker-a:3'),
    offset: text('N', 'offset in the partition or queue'),
    key: text('KEY', `RocketMQ: the newest ${mostByKey} messages with this key`),
    'max-bytes': option(
      'BYTES',
      `bytes of key, value and each property to show (default ${defaultMost})`,
      Amount.default(defaultMost),
    ),
    json: flag('print one JSON document: { schemaVersion, messages, notices }; bytes in base64'),
  },
  examples: [
    'plimsoll get message --topic orders --partition 3 --offset 1042',
    'plimsoll get message --topic orders --partition broker-a:3 --offset 1042 --json',
    'plimsoll get message 0A00000500002A9F00000000000132B4',
    'plimsoll get message --topic orders --key order-4711',
  ],

  async run(io) {
    const most = io.options['max-bytes'];
    return reportOn(io, async ({ config, lookUp, masks }) => {
      const question = questionOf(io, config);
      const maskedOf = (topic: string) => maskedFieldsOf(topic, { config, masks });
      if (question.kind === 'key') refuseMaskedSearch({ key: question.key }, maskedOf(question.topic));
      const lookup = await lookUp();
      const answer = await lookup.messages(question, io);
      if (answer.kind === 'not-there') {
        throw new AppError('not-found', answer.reason, {
          hint:
            question.kind === 'offset'
              ? `\`plimsoll get topic ${question.topic}\` shows which offsets there are`
              : 'messages expire; those of an open transaction are in --topic RMQ_SYS_TRANS_HALF_TOPIC; the id or key may be of another cluster',
        });
      }
      const messages = (await decodedMessages(answer.messages, valueDecoderOf(config), io)).map((each) =>
        maskedMessage(each, maskedOf(each.message.topic)),
      );
      return {
        json: { messages: messages.map((each) => messageDocument(each, most)) },
        text: messages.map((each) => renderMessage(each, most)).join('\n'),
        notices: [],
      };
    });
  },
});

/** @throws AppError usage */
function questionOf({ positionals, options }: CommandIo, config: ClusterConfig): MessageQuestion {
  const { topic, partition, offset, key } = options;
  const [id, another] = positionals;
  const byPlace = [partition, offset].filter((each) => each !== undefined).length;
  const ways = [id !== undefined, byPlace > 0, key !== undefined].filter(Boolean).length;
  if (ways !== 1 || another !== undefined) {
    throw new AppError('usage', '`plimsoll get message` needs one of: an id, an offset, a key', {
      hint: 'give ID, or --topic, --partition and --offset, or --topic and --key',
    });
  }
  if (id !== undefined) return { kind: 'id', id, ...(typeof topic === 'string' && { topic }) };
  if (typeof topic !== 'string') throw new AppError('usage', 'which topic? --topic is missing');
  if (typeof key === 'string') return { kind: 'key', key, topic, most: mostByKey };
  if (typeof partition !== 'string' || typeof offset !== 'string') {
    throw new AppError('usage', '--topic, --partition and --offset must be given together');
  }
  const place = placeOf(partition, config, topic);
  if (!/^\d{1,19}$/.test(offset)) throw new AppError('usage', `--offset ${offset} is not an offset`);
  return { kind: 'offset', topic, offset: BigInt(offset), ...place };
}
