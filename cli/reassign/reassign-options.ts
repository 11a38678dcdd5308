// Declares the options of `plimsoll ops kafka reassign`.

import { z } from 'zod';
import type { reassignControls } from '../../app/change/reassign/reassign-request.ts';
import { BitRate, Duration, Size } from '../../core/text/quantity.ts';
import { seconds } from '../../core/clock.ts';
import { defaultDelayedShare } from '../../ops/kafka/live/writes-wait.ts';
import { defaultTolerance } from '../../ops/kafka/reassign/even-loads.ts';
import { defaultMovesPerBroker } from '../../ops/kafka/reassign/plan-reassignment.ts';
import { leaseOptions } from '../change/administration-options.ts';
import { kafkaClusterOptions } from '../options.ts';
import {
  Amount,
  amount,
  type CommandIo,
  commaSeparated,
  flag,
  Interval,
  type Option,
  option,
  type OptionValues,
  text,
  wholeNumber,
} from '../command.ts';
import { domainOption, noticeOptions } from './notice-language.ts';

const BrokerId = z
  .string()
  .regex(/^\d{1,10}$/, { error: ({ input }) => `${JSON.stringify(input)} is not a broker id` })
  .transform(Number);

const BrokerIds = commaSeparated(BrokerId)
  .transform((ids) => [...new Set(ids)])
  .default([]);
const idHint = { hint: 'write it like 4,5' };

const Replacement = z.string().transform((typed, context) => {
  const [, from, to] = /^(\d{1,10})=(\d{1,10})$/.exec(typed) ?? [];
  if (from !== undefined && to !== undefined && from !== to) return { from: Number(from), to: Number(to) };
  context.addIssue(`${typed}: write OLD=NEW broker ids, such as 3=7`);
  return z.NEVER;
});

const Share = z.string().transform((typed, context) => {
  if (typed === 'off') return 'off' as const;
  const [, digits] = /^(\d+(?:\.\d+)?)%$/.exec(typed) ?? [];
  const share = Number(digits) / 100;
  if (share > 0 && share < 1) return share;
  context.addIssue(`${typed} is neither a share such as 0.5% nor off`);
  return z.NEVER;
});

/** `50MB/s`, or a number of bytes per second. */
const ByteRate = z.string().transform((typed, context) => {
  const rate = Amount.safeParse(typed).data ?? Size.safeParse(typed.replace(/\/s$/, '')).data;
  if (rate !== undefined && rate > 0) return rate;
  context.addIssue(`${typed}: write bytes per second, such as 50MB/s, above 0`);
  return z.NEVER;
});

const controls = {
  resume: flag('continue the interrupted change, also after an unfinished rollback'),
  abort: flag('cancel running moves, and return completed ones to their old brokers'),
  pause: flag('pause the running reassignment after its current wave (batch of moves), and remove throttles'),
  status: flag('show the progress of the change under way'),
} satisfies Record<(typeof reassignControls)[number], Option>;

export const reassignOptions = {
  ...kafkaClusterOptions,
  assignment: text('FILE', "without a cluster: the current replicas, in Kafka's JSON"),
  brokers: text(
    'FILE',
    'all brokers, also those to be added or removed: [{ id, rack?, capacity? }]; with a cluster: only values that it does not report',
  ),
  add: option('IDS', 'brokers to add, such as 4,5; they have no replicas yet', BrokerIds, idHint),
  remove: option('IDS', 'brokers to remove; their replicas move first', BrokerIds, idHint),
  replace: option('A=B', 'broker B takes over each replica of broker A; nothing else moves', Replacement.optional()),
  'replication-factor': option(
    'N',
    'new replication factor: missing replicas are copied, extra ones are removed without copying',
    wholeNumber(1, 64).optional(),
  ),
  leaders: flag('spread preferred leaders only: no data moves'),
  tolerance: option(
    'SHARE',
    `how far the bytes and writes of a broker may differ from an even share (default ${100 * defaultTolerance}%); off: balance numbers only`,
    Share.default(defaultTolerance),
  ),
  sizes: text(
    'FILE',
    'bytes of each partition: [{ topic, partition, bytes }]; the plan then balances bytes and moves few (with a cluster: read from it)',
  ),
  topics: text(
    'WHICH',
    "only these: top-tps:20, domain:NAME (service.domains), Kafka's topics-to-move file (ends in .json), or a regular expression for whole names",
  ),
  incoming: option(
    'BYTES/S',
    'current incoming traffic of the busiest broker; copying leaves room for it (with a cluster: measured)',
    ByteRate.optional(),
  ),
  network: option(
    'SPEED',
    "with a cluster: speed of each broker's link, such as 10gbit (default: network.speed of its host in the config file)",
    BitRate.refine((speed) => speed > 0, { error: 'a link speed must be above 0' })
      .transform((bits) => bits / 8)
      .optional(),
  ),
  interval: option(
    'SECONDS',
    'with a cluster: how long to measure incoming traffic (default 5)',
    Interval.default(seconds(5)),
  ),
  'moves-per-broker': option(
    'N',
    `replicas that one broker receives, or sends, at a time (default ${defaultMovesPerBroker})`,
    amount((value) => Number.isInteger(value) && value > 0, 'a whole number above 0').optional(),
  ),
  'cut-retention': option(
    'TIME',
    'retention of copied topics during the change, such as 2h; refused if a group would lose unread messages',
    Duration.refine((time) => time >= 1, { error: 'give 1s or more' }).optional(),
  ),
  ...noticeOptions,
  domain: domainOption,
  files: text('DIR', "write the plan, its rollback and its waves as files for Kafka's own scripts"),
  execute: flag('carry the plan out, after you confirm the cluster'),
  throttle: option(
    'BYTES/S',
    'highest copy rate, such as 50MB/s, instead of the one computed from --network',
    ByteRate.optional(),
  ),
  'delayed-writes': option(
    'SHARE',
    `spread leader changes over time, so that they delay at most this share of writes (default ${100 * defaultDelayedShare}%); off: all at once`,
    Share.default(defaultDelayedShare),
  ),
  canary: text(
    'TOPIC',
    'with --execute: send five messages a second to this topic; slow the change down while their p99 is above twice the p99 before the change, pause it above three times',
  ),
  ...controls,
  ...leaseOptions,
  json: flag('print the plan, or how the change ended, as one JSON document'),
};

type ReassignOptions = OptionValues<typeof reassignOptions>;
export type ReassignIo = CommandIo<ReassignOptions>;
