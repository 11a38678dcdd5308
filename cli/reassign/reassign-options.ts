// Declares the options of `plimsoll ops kafka reassign`.

import { z } from 'zod';
import type { reassignControls } from '../../app/change/reassign/reassign-request.ts';
import { BitRate, Duration } from '../../core/text/quantity.ts';
import { seconds } from '../../core/units.ts';
import { defaultDelayedShare } from '../../ops/kafka/live/writes-wait.ts';
import { defaultMovesPerBroker } from '../../ops/kafka/reassign/plan-reassignment.ts';
import { leaseOptions } from '../change/lease-options.ts';
import { clusterOptions } from '../cluster-option.ts';
import type { CommandIo, Option, OptionValues } from '../command.ts';
import { amount, commaSeparated, flag, Interval, option, PositiveAmount, text, wholeNumber } from '../option.ts';
import { domainOption, noticeOptions } from './notice-language.ts';

const { config, cluster, bootstrap } = clusterOptions;

const BrokerId = z
  .string()
  .regex(/^\d{1,10}$/, { error: ({ input }) => `${JSON.stringify(input)} is no id of a broker` })
  .transform(Number);

const BrokerIds = commaSeparated(BrokerId)
  .transform((ids) => [...new Set(ids)])
  .default([]);
const idHint = { hint: 'write it like 4,5' };

const Replacement = z.string().transform((typed, context) => {
  const [, from, to] = /^(\d{1,10})=(\d{1,10})$/.exec(typed) ?? [];
  if (from !== undefined && to !== undefined && from !== to) return { from: Number(from), to: Number(to) };
  context.addIssue(`${typed}: write who leaves and who takes its places, like 3=7`);
  return z.NEVER;
});

const DelayedShare = z.string().transform((typed, context) => {
  if (typed === 'off') return 'off' as const;
  const [, digits] = /^(\d+(?:\.\d+)?)%$/.exec(typed) ?? [];
  const share = Number(digits) / 100;
  if (share > 0 && share < 1) return share;
  context.addIssue(`${typed} is neither a share such as 0.5% nor off`);
  return z.NEVER;
});

const controls = {
  resume: flag('go on with the change that is under way'),
  abort: flag('cancel running moves, and return completed ones to their old brokers'),
  pause: flag('let the process at work stop after its wave, without throttles'),
  status: flag('show how far the change under way is'),
} satisfies Record<(typeof reassignControls)[number], Option>;

export const reassignOptions = {
  config,
  cluster,
  bootstrap,
  assignment: text('FILE', "without a cluster: the replicas there are, in Kafka's JSON"),
  brokers: text(
    'FILE',
    'all brokers after the change and those to be removed: [{ id, rack?, capacity? }]; with a cluster: only what it does not report',
  ),
  add: option('IDS', 'brokers that are new, such as 4,5; they hold nothing yet', BrokerIds, idHint),
  remove: option('IDS', 'brokers that leave; their replicas move first', BrokerIds, idHint),
  replace: option('A=B', 'broker B takes each place of broker A, and nothing else moves', Replacement.optional()),
  'replication-factor': option(
    'N',
    'so many replicas of each partition: missing ones where they are needed, those too many go and copy nothing',
    wholeNumber(1, 64).optional(),
  ),
  leaders: flag('spread preferred leaders alone: no byte moves'),
  sizes: text(
    'FILE',
    'bytes of each partition: [{ topic, partition, bytes }]; the least bytes move then; read from a cluster',
  ),
  topics: text(
    'WHICH',
    "only these: top-tps:20, domain:NAME, Kafka's topics-to-move file (ends in .json), or a pattern of whole names",
  ),
  domains: text('FILE', 'the domains file that domain:NAME is looked up in'),
  incoming: option(
    'BYTES/S',
    'what a broker takes in at its busiest; throttles stay above it; measured in a cluster',
    PositiveAmount.optional(),
  ),
  network: option(
    'SPEED',
    "with a cluster: speed of each broker's link, such as 10gbit",
    BitRate.refine((speed) => speed > 0, { error: 'a link carries more than nothing' })
      .transform((bits) => bits / 8)
      .optional(),
  ),
  interval: option(
    'SECONDS',
    'with a cluster: how long is watched for what comes in (default 5)',
    Interval.default(seconds(5)),
  ),
  'moves-per-broker': option(
    'N',
    `replicas that come to one broker, or are served by one, at a time (default ${defaultMovesPerBroker})`,
    amount((value) => Number.isInteger(value) && value > 0, 'a whole number above 0').optional(),
  ),
  'cut-retention': option(
    'TIME',
    'keep messages of copied topics so long during the change, such as 2h; refused while a group would lose unread ones',
    Duration.refine((time) => time >= 1, { error: 'a second is the least' }).optional(),
  ),
  ...noticeOptions,
  domain: domainOption,
  files: text('DIR', "write plan, rollback and waves for Kafka's own scripts"),
  execute: flag('carry the plan out, once the name of the cluster is typed'),
  throttle: option('BYTES/S', 'copy no faster, in place of what --network has room for', PositiveAmount.optional()),
  'delayed-writes': option(
    'SHARE',
    `space hand-overs so that at most this share of all writes waits for one, such as ${100 * defaultDelayedShare}% (the default), or off`,
    DelayedShare.default(defaultDelayedShare),
  ),
  canary: text(
    'TOPIC',
    'with --execute: send five messages a second to this topic, and slow the change down or pause it while their p99 is above 2 or 3 times the one before it',
  ),
  ...controls,
  ...leaseOptions,
  json: flag('print the plan, or how the change ended, as one JSON document'),
};

type ReassignOptions = OptionValues<typeof reassignOptions>;
export type ReassignIo = CommandIo<ReassignOptions>;
