// Computes the bytes of a message on the wire and on disk.

import { describedLoad } from '../../analyzer/evidence/bytes/described-load.ts';
import type { DescribedLoad } from '../../analyzer/evidence/bytes/description.ts';
import { linkCeilings } from '../../core/wire/ethernet.ts';
import { messageCost } from '../../core/wire/message-cost.ts';
import { BitRate, Size } from '../../core/text/quantity.ts';
import { byteAccount, type ByteAccount } from '../../app/planning/byte-account.ts';
import { hasColours } from '../command-line.ts';
import { defineCommand, flag, number, option, parsedText, renderJson, text } from '../command.ts';
import { traitsOf } from '../../core/broker-kind/registry.ts';
import type { ClusterLoad } from '../../core/wire/cluster-load.ts';
import { columnsOf, renderTable } from '../../core/text/table.ts';
import { pluralText, quantityText, rateText } from '../../core/text/quantity-text.ts';

/** `500`, `500B` or `1KiB`. */
const PlainSize = parsedText(
  (typed) => Size.safeParse(/^\d+(?:\.\d+)?$/.test(typed) ? `${typed}B` : typed).data,
  (typed) => `${JSON.stringify(typed)} is not a size; write it like 500, 500B or 1KiB`,
);
const size = (help: string) => option('SIZE', help, PlainSize.optional());
const LinkSpeed = BitRate.refine((speed) => speed > 0, { error: 'a link speed must be above 0' });

export const bytesCommand = defineCommand({
  options: {
    broker: text('NAME', 'kafka or rocketmq'),
    mode: text('NAME', 'single, master-slave, dledger, controller (rocketmq); kraft (kafka, default)'),
    replicas: number('N', 'copies of a message, including that of the master or leader'),
    groups: number('N', 'consumer groups that read every message (default 1)'),
    body: size('message size in bytes, before compression'),
    link: option(
      'RATE',
      'speed of the network card, such as 1gbit: adds the message rate that saturates it',
      LinkSpeed.optional(),
    ),
    requests: number('N', 'messages per produce request (default 1; kafka: a batch)'),
    'records-per-batch': number('N', 'kafka: messages per batch (default: a full batch of 16384 bytes)'),
    'messages-per-pull': number('N', 'messages per pull of a consumer (default 32; kafka: a fetch of 1 MiB)'),
    'messages-per-transfer': number(
      'N',
      'messages per transfer to a slave or follower (default: a full one: 32 KiB of HA, 1 MiB of a fetch)',
    ),
    'push-batch': number('N', 'dledger: messages per push (default 1)'),
    'broadcast-members': number('N', 'rocketmq: broadcast members, which each read every message'),
    'delivered-share': number('SHARE', 'rocketmq: share of messages that tags select (default 1)'),
    'slave-reads': number('SHARE', 'share of consumer reads that slaves serve (default 0)'),
    compression: number('RATIO', 'uncompressed size over compressed size (default 1)'),
    key: size('size of the key in bytes (default none)'),
    headers: size('size of your headers or properties in bytes (default none)'),
    'topic-length': number('N', 'characters of the topic name (default 10)'),
    'group-length': number('N', 'characters of a group name (default 19)'),
    'cluster-name': text('NAME', 'rocketmq: cluster name stored with each message (default DefaultCluster)'),
    kind: text('NAME', 'rocketmq: plain, delayed or transactional (default plain)'),
    client: text('NAME', 'rocketmq: java, java-binary or plimsoll (default java)'),
    generation: number('N', 'rocketmq: version 4 or 5; 5 stores more per message (default 4; controller: 5)'),
    json: flag('print one JSON document; docs/explanation/bytes.md explains it'),
  },
  examples: [
    'plimsoll bytes --broker rocketmq --mode master-slave --replicas 2 --groups 1 --body 500 --link 1gbit',
    'plimsoll bytes --broker kafka --replicas 3 --groups 2 --body 1024 --compression 3 --json',
  ],

  async run({ options, stdout, environment }) {
    const { link, json, ...described } = options;
    const load = describedLoad(described as DescribedLoad);
    const account = byteAccount(messageCost(load), link && linkCeilings(link).counter);
    const colours = hasColours(stdout, environment);
    stdout.write(json ? renderJson(account) : byteAccountText(load, account, link, { colours }));
  },
});

const tenth = new Intl.NumberFormat('en-US', { minimumFractionDigits: 1, maximumFractionDigits: 1 });

/** @param bitsPerSecond speed of the link, if given */
function byteAccountText(
  load: ClusterLoad,
  { perMessage, parts, storedPerMessage, maxTps }: ByteAccount,
  bitsPerSecond: number | undefined,
  { colours }: { colours: boolean },
): string {
  const { networkInBytes, networkOutBytes, diskBytes } = perMessage;
  const first = traitsOf(load.broker).terms.leader;
  const people = {
    producer: 'producer',
    follower: pluralText(load.replicas - 1, 'follower'),
    consumer: consumersOf(load),
  };
  const table = renderTable(
    columnsOf(['peer', `>into the ${first}, B/message`, '>out of it, B/message']),
    [
      ...parts.map(({ peer, inBytes, outBytes }) => [people[peer], tenth.format(inBytes), tenth.format(outBytes)]),
      ['all', tenth.format(networkInBytes), tenth.format(networkOutBytes)],
    ],
    { colours },
  );
  const stored = storedPerMessage === undefined ? '' : ` in ${storedPerMessage} stored records`;
  const fuller = networkInBytes > networkOutBytes ? 'in' : 'out';
  const full =
    maxTps === undefined || bitsPerSecond === undefined
      ? `The ${fuller} direction saturates first.`
      : `The link saturates at ${tenth.format(linkCeilings(bitsPerSecond).counter / 1e6)} MB/s on its counters: ${rateText(maxTps.networkIn)} in, ${rateText(maxTps.networkOut)} out; ${fuller} saturates first.`;
  return [
    `${load.broker} ${load.mode}, ${pluralText(load.replicas, 'copy', 'copies')}, body of ${quantityText(load.bodyBytes)} B: bytes as interface counters report them, acknowledgements included.\n\n`,
    table,
    `\nThe ${first} writes ${tenth.format(diskBytes)} B/message to its disk${stored}.\n`,
    `${full}\n`,
  ].join('');
}

function consumersOf({ groups, broadcastMembers = 0 }: ClusterLoad): string {
  const members = broadcastMembers === 0 ? [] : [pluralText(broadcastMembers, 'broadcast member')];
  return [...(groups === 0 && members.length > 0 ? [] : [pluralText(groups, 'group')]), ...members].join(', ');
}
