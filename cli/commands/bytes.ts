// What does a message cost on the wire and on the disk, by arithmetic alone?

import { describedLoad } from '../../analyzer/evidence/bytes/described-load.ts';
import type { DescribedLoad } from '../../analyzer/evidence/bytes/description.ts';
import { linkCeilings } from '../../core/wire/ethernet.ts';
import { messageCost } from '../../core/wire/message-cost.ts';
import { AppError, exitCodes } from '../../core/errors.ts';
import { BitRate, Size } from '../../core/text/quantity.ts';
import { byteAccount } from '../byte-account.ts';
import { byteAccountText } from '../byte-account-text.ts';
import type { Command, CommandIo } from '../command.ts';
import { numberOption } from '../number-option.ts';

const words = ['broker', 'mode', 'cluster-name', 'kind', 'client'] as const;
const sizes = ['body', 'key', 'headers'] as const;
const numbers = [
  ...(['replicas', 'groups', 'topic-length', 'group-length', 'compression', 'requests', 'messages-per-pull'] as const),
  ...(['messages-per-transfer', 'push-batch', 'records-per-batch', 'broadcast-members'] as const),
  ...(['delivered-share', 'slave-reads', 'generation'] as const),
];

export const bytesCommand = {
  name: 'bytes',
  options: {
    broker: { type: 'string', value: 'NAME', help: 'kafka or rocketmq' },
    mode: {
      type: 'string',
      value: 'NAME',
      help: 'single, master-slave, dledger, controller (rocketmq); kraft (kafka, the default there)',
    },
    replicas: { type: 'string', value: 'N', help: 'all copies of a message, the master or leader included' },
    groups: { type: 'string', value: 'N', help: 'consumer groups that read every message (default 1)' },
    body: { type: 'string', value: 'SIZE', help: 'of a message, in bytes, before compression' },
    link: { type: 'string', value: 'RATE', help: 'speed of the card, such as 1gbit: adds the messages/s that fill it' },
    requests: { type: 'string', value: 'N', help: 'messages of one produce request (default 1; kafka: a batch)' },
    'records-per-batch': { type: 'string', value: 'N', help: 'kafka: default a full batch of 16384 bytes' },
    'messages-per-pull': { type: 'string', value: 'N', help: 'of a consumer (default 32; kafka: a fetch of 1 MiB)' },
    'messages-per-transfer': {
      type: 'string',
      value: 'N',
      help: 'to a slave or follower at once (default: full, 32 KiB of HA, 1 MiB of a fetch)',
    },
    'push-batch': { type: 'string', value: 'N', help: 'dledger: messages of one push (default 1)' },
    'broadcast-members': { type: 'string', value: 'N', help: 'rocketmq: members that read a copy each' },
    'delivered-share': { type: 'string', value: 'SHARE', help: 'rocketmq: messages that tags let through (default 1)' },
    'slave-reads': { type: 'string', value: 'SHARE', help: 'copies for consumers that slaves serve (default 0)' },
    compression: { type: 'string', value: 'RATIO', help: 'plain over packed: 3 is a third of the size (default 1)' },
    key: { type: 'string', value: 'SIZE', help: 'of the key, in bytes (default none)' },
    headers: { type: 'string', value: 'SIZE', help: 'of headers or properties of your own, in bytes (default none)' },
    'topic-length': { type: 'string', value: 'N', help: 'characters of the name (default 10)' },
    'group-length': { type: 'string', value: 'N', help: 'characters of the names of groups (default 19)' },
    'cluster-name': {
      type: 'string',
      value: 'NAME',
      help: 'rocketmq stores it with a message (default DefaultCluster)',
    },
    kind: { type: 'string', value: 'NAME', help: 'rocketmq: plain, delayed or transactional (default plain)' },
    client: { type: 'string', value: 'NAME', help: 'rocketmq: java, java-binary or plimsoll (default java)' },
    generation: {
      type: 'string',
      value: 'N',
      help: 'rocketmq: 4 or 5, whose brokers store more (default 4; controller: 5)',
    },
    json: { type: 'boolean', help: 'print one JSON document; docs/bytes.md explains it' },
  },
  examples: [
    'plimsoll bytes --broker rocketmq --mode master-slave --replicas 2 --groups 1 --body 500 --link 1gbit',
    'plimsoll bytes --broker kafka --replicas 3 --groups 2 --body 1024 --compression 3 --json',
  ],

  async run({ options, stdout }) {
    const load = describedLoad(describedBy(options));
    const link = linkOf(options);
    const account = byteAccount(messageCost(load), link && linkCeilings(link).counter);
    stdout.write(
      options['json'] === true
        ? `${JSON.stringify(account, undefined, 2)}\n`
        : byteAccountText(load, account, link, { colours: stdout.isTerminal }),
    );
    return exitCodes.answered;
  },
} satisfies Command;

function describedBy(options: CommandIo['options']): DescribedLoad {
  const text = (name: string) => (typeof options[name] === 'string' ? options[name] : undefined);
  return Object.fromEntries([
    ...words.map((name) => [name, text(name)]),
    ...sizes.map((name) => [name, sizeOption(options, name)]),
    ...numbers.map((name) => [name, numberOption(options, name)]),
  ]);
}

/** `500`, `500B` or `1KiB`. @throws AppError usage */
function sizeOption(options: CommandIo['options'], name: string): number | undefined {
  const text = options[name];
  if (typeof text !== 'string') return undefined;
  const { data } = Size.safeParse(/^\d+(?:\.\d+)?$/.test(text) ? `${text}B` : text);
  if (data !== undefined) return data;
  throw new AppError('usage', `--${name}: ${JSON.stringify(text)} is not a size; write it like 500, 500B or 1KiB`);
}

function linkOf(options: CommandIo['options']) {
  if (options['link'] === undefined) return undefined;
  const { data, error } = BitRate.safeParse(options['link']);
  if (data !== undefined && data > 0) return data;
  throw new AppError('usage', `--link: ${error?.issues[0]?.message ?? 'a link of no speed carries nothing'}`);
}
