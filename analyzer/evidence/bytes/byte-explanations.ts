// Tries single changes of the described load that would explain the measured bytes per message.

import { traitsOf } from '../../../core/broker-kind/registry.ts';
import { quantityText } from '../../../core/text/quantity-text.ts';
import { type ClusterLoad, hasGroups, type RocketmqLoad } from '../../../core/wire/cluster-load.ts';
import { base64Bytes } from '../../../core/wire/dledger.ts';
import { expectedBytes, type Span, type Viewpoint } from '../../../core/wire/expected-bytes.ts';

/** Bytes per message, of each direction that was read, and, where it is known, its interval. */
export interface MeasuredBytes {
  in?: { value: number } & Partial<Span>;
  out?: { value: number } & Partial<Span>;
}

export interface Explanation {
  name: string;
  /** Follows “It comes out”. */
  words: string;
  consequence: string;
  load: ClusterLoad;
  /** What the bytes come to, times this. */
  factor?: number;
}

/** Likelier ones first. */
export function explanationsOf(load: ClusterLoad, measured: MeasuredBytes, viewpoint: Viewpoint): Explanation[] {
  return [...copies(load), ...encodings(load, measured, viewpoint), ...storedAside(load), ...units(load)];
}

function copies(load: ClusterLoad): Explanation[] {
  const { replicas, groups } = load;
  const fewest = hasGroups(load) ? 2 : 1;
  const withReplicas = (count: number): Explanation => ({
    name: count < replicas ? 'missing-replica' : 'extra-replica',
    words: `with ${count} ${count === 1 ? 'copy' : 'copies'} of a message instead of ${replicas}`,
    consequence:
      count < replicas
        ? 'a follower does not follow, so what was measured is the load of fewer copies: the limit is lower once it does, and the loss of a broker loses messages'
        : 'somebody reads the log as a follower does, such as a mirror or a copy being made: the limit is higher without it',
    load: { ...load, replicas: count },
  });
  const withGroups = (count: number): Explanation => ({
    name: count < groups ? 'missing-group' : 'extra-group',
    words: `with ${count} ${count === 1 ? 'group that reads' : 'groups that read'} every message instead of ${groups}`,
    consequence:
      count < groups
        ? 'a group paused, fell behind or read elsewhere: the limit is lower once it reads'
        : 'somebody else consumes the topic, such as another group or a mirror to another cluster, and takes part of the link',
    load: { ...load, groups: count },
  });
  // Of a pair that lost its slave a single master is left.
  const single: Explanation[] =
    hasGroups(load) && replicas === 2
      ? [{ ...withReplicas(1), load: { ...withoutFollower(load), mode: 'single', replicas: 1 } }]
      : [];
  return [
    ...single,
    ...[replicas - 1, replicas - 2].filter((count) => count >= fewest).map(withReplicas),
    ...[groups - 1, groups - 2, groups + 1, groups + 2, groups + 3].filter((count) => count >= 0).map(withGroups),
    ...(replicas > 1 ? [withReplicas(replicas + 1)] : []),
  ];
}

function withoutFollower(load: ClusterLoad & { broker: 'rocketmq' }) {
  const { pushBatch: _, messagesPerTransfer: __, ...rest } = load;
  return rest;
}

function encodings(load: ClusterLoad, measured: MeasuredBytes, viewpoint: Viewpoint): Explanation[] {
  const larger = base64Bytes(load.bodyBytes);
  const ratio = ratioOf(load, measured, viewpoint);
  return [
    {
      name: 'base64',
      words: `with bodies of ${quantityText(larger)} bytes, which is what base64 makes of ${quantityText(load.bodyBytes)}`,
      consequence:
        'a third of the traffic is encoding; bodies of plain bytes move as many messages with less of the link',
      load: { ...load, bodyBytes: larger },
    },
    ...(ratio === undefined
      ? []
      : [
          {
            name: 'compression',
            words: `with bodies packed to 1/${quantityText(ratio)}`,
            consequence: 'the limit in messages holds for data that packs as well, and for no other',
            load: { ...load, compressionRatio: ratio },
          },
        ]),
  ];
}

const storesAside = (load: ClusterLoad): load is RocketmqLoad => traitsOf(load.broker).storesAside;

function storedAside(load: ClusterLoad): Explanation[] {
  if (!storesAside(load) || (load.kind ?? 'plain') !== 'plain') return [];
  const { messagesPerRequest: _, ...alone } = load;
  return (['delayed', 'transactional'] as const).map((kind) => ({
    name: kind,
    words: `with messages that are ${kind}, which the broker stores ${kind === 'delayed' ? 'twice' : 'as a half message first'}`,
    consequence: 'the limit holds for such messages; plain ones take less of disk and link',
    load: { ...alone, kind },
  }));
}

/** Ratio at which the direction that is known best comes out; absent where packing could not explain it. */
function ratioOf(load: ClusterLoad, measured: MeasuredBytes, viewpoint: Viewpoint): number | undefined {
  if (load.compressionRatio !== undefined) return undefined;
  const expected = expectedBytes(load, viewpoint);
  const width = ({ direction }: { direction: 'in' | 'out' }) => expected[direction].high / expected[direction].low;
  const [narrowest] = directions(measured).toSorted((a, b) => width(a) - width(b));
  if (narrowest === undefined) return undefined;
  const { direction, value: target } = narrowest;
  const at = (compressionRatio: number) => middle(expectedBytes({ ...load, compressionRatio }, viewpoint)[direction]);
  let [least, most] = [1, mostPacked];
  if (target > at(least) || target < at(most)) return undefined;
  while (most - least > 0.001 * least) {
    const between = (least + most) / 2;
    if (at(between) > target) least = between;
    else most = between;
  }
  return most;
}

/** No codec reaches it on anything but repeats. */
const mostPacked = 50;

const middle = ({ low, high }: Span) => (low + high) / 2;

const unitMistakes = [
  ['mebibytes', 2 ** 20 / 1e6, 'when MB were MiB', 'every figure of this source is 4.9% too high'],
  ['megabytes', 1e6 / 2 ** 20, 'when MiB were MB', 'every figure of this source is 4.6% too low'],
  ['bits', 8, 'when bytes were bits', 'every figure of this source is 8 times too high'],
  ['bytes', 1 / 8, 'when bits were bytes', 'every figure of this source is 8 times too low'],
  ['per-minute', 60, 'when figures of a second were of a minute', 'every figure of this source is 60 times too high'],
  [
    'per-second',
    1 / 60,
    'when figures of a minute were of a second',
    'every figure of this source is 60 times too low',
  ],
  [
    'faster-interface',
    10,
    'when the share of the link was taken of one ten times as fast',
    'the card is slower than stated, and saturates at a tenth of the rate',
  ],
  [
    'slower-interface',
    1 / 10,
    'when the share of the link was taken of one ten times as slow',
    'the card is faster than was said',
  ],
] as const;

const units = (load: ClusterLoad): Explanation[] =>
  unitMistakes.map(([name, factor, words, consequence]) => ({ name, words, consequence, load, factor }));

/** Of those that were read. */
export function directions(measured: MeasuredBytes) {
  return (['in', 'out'] as const).flatMap((direction) => {
    const figure = measured[direction];
    return figure === undefined ? [] : [{ direction, ...figure }];
  });
}
