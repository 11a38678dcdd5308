// Declares `plimsoll send`: one message to a topic.

import { buffer } from 'node:stream/consumers';
import { sendMessage } from '../../app/change/send/send-message.ts';
import { readBytes } from '../../app/files/read-bounded.ts';
import { clusterOf } from '../../app/observe/named-cluster.ts';
import { queueName } from '../../brokers/delta/partition-key.ts';
import { AppError } from '../../core/errors.ts';
import { quotedWord } from '../../core/text/quoted-word.ts';
import { bytesText } from '../../core/text/quantity-text.ts';
import { topicOption, leaseOptions } from '../change/administration-options.ts';
import { clusterOptions, placeOf } from '../options.ts';
import { defineCommand, flag, list, renderJson, text } from '../command.ts';
import { defined } from '../../core/defined.ts';

export const sendCommand = defineCommand({
  options: {
    ...clusterOptions,
    topic: topicOption,
    partition: text('N', 'to this partition; RocketMQ: queue, such as broker-a:3 (default: by the key, or any)'),
    key: text('KEY', 'the key; RocketMQ: search keys of the message'),
    tag: text('TAG', 'RocketMQ: the tag'),
    header: list('NAME=VALUE', 'a header (Kafka) or a property (RocketMQ)'),
    value: text('TEXT', 'the value'),
    file: text('FILE', 'the value from a file; - reads standard input'),
    execute: flag('send the message, after you confirm the cluster; without it nothing is sent'),
    ...leaseOptions,
    json: flag(
      'print one JSON document: { schemaVersion, cluster, topic, partition, bytes, offset; delayed if the broker delivers it later }',
    ),
  },
  examples: [
    'plimsoll send --cluster orders --topic order-paid --key 4711 --value \'{"id":4711}\'',
    'plimsoll send --cluster orders --topic order-paid --file message.json --header source=test --execute',
  ],

  async run(io) {
    const { topic, partition, key, tag, header, json, execute } = io.options;
    const { config } = await clusterOf(io);
    const spec = {
      topic,
      headers: header.map(headerOf),
      value: await valueOf(io.options, io.signal),
      ...(partition !== undefined && { place: placeOf(partition, config, topic) }),
      ...defined({ key, tag }),
    };
    const { cluster, place, bytes, isSent, offset } = await sendMessage(io, spec);
    const at = queueName(place);
    if (json) {
      const stored = offset === undefined ? (isSent ? { delayed: true } : {}) : { offset: String(offset) };
      io.stdout.write(renderJson({ schemaVersion: 1, cluster, topic, partition: at, bytes, ...stored }));
    } else if (!isSent) {
      const where = partition === undefined && key === undefined ? 'any partition' : `partition ${at}`;
      io.stdout.write(
        `would send ${bytesText(bytes)} to ${topic}, ${where}; nothing was sent${execute ? '' : ', --execute sends it'}\n`,
      );
    } else if (offset === undefined) {
      io.stdout.write(`sent ${bytesText(bytes)} to ${topic}; the broker delivers it later\n`);
    } else {
      io.stdout.write(
        `sent ${bytesText(bytes)} to ${topic}, partition ${at}, offset ${offset}; \`plimsoll get message --topic ${quotedWord(topic)} --partition ${at} --offset ${offset}\` shows it\n`,
      );
    }
  },
});

/** @throws AppError usage */
function headerOf(typed: string): readonly [string, string] {
  const at = typed.indexOf('=');
  if (at < 1) throw new AppError('usage', `--header ${typed}: write it as NAME=VALUE`);
  return [typed.slice(0, at), typed.slice(at + 1)];
}

/** @throws AppError usage unless exactly one source is given and can be read */
async function valueOf(
  { value, file }: { value: string | undefined; file: string | undefined },
  signal: AbortSignal,
): Promise<Buffer> {
  if ((value === undefined) === (file === undefined)) {
    throw new AppError('usage', 'which value? give one of --value TEXT and --file FILE; --file - reads standard input');
  }
  if (value !== undefined) return Buffer.from(value);
  if (file === '-') return await buffer(process.stdin);
  return readBytes(file ?? '', { signal }, { fault: 'usage', missing: 'usage' });
}
