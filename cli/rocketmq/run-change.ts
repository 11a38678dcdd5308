// Runs a change of a RocketMQ cluster for a command with the options of every change, and prints its progress.

import { type RequestedChange, runChange as runRequested } from '../../app/change/rocketmq/run-change.ts';
import { clusterOfKind } from '../../app/observe/named-cluster.ts';
import { noticeTexts } from '../../ops/change/notice.ts';
import { duration, flag, type IoOf, list, option } from '../command.ts';
import { printChange } from '../change/print-change.ts';
import { announcedIn, domainOption, noticeOptions } from '../reassign/notice-language.ts';
import { z } from 'zod';
import { Duration } from '../../core/text/quantity.ts';
import { seconds } from '../../core/clock.ts';
import { settleSeconds } from '../../ops/rocketmq/let-settle.ts';
import { goneOption, leaseOptions } from '../change/administration-options.ts';
import { rocketmqClusterOptions } from '../options.ts';

/** @returns as `printChange` */
export async function runChange<Facts extends object>(io: ChangeIo, change: RequestedChange<Facts>): Promise<number> {
  const { options } = io;
  const state = await runRequested(io, await clusterOfKind(io, 'rocketmq'), change);
  const notices = noticeTexts(change.kind.notice(state.facts), announcedIn(options));
  return printChange(io, state, { notice: options.notice && notices[options.notice], notices });
}

export const changeOptions = {
  ...rocketmqClusterOptions,
  execute: flag('carry the plan out; without it nothing is changed'),
  resume: flag('continue a change from its current step'),
  abort: flag('roll back those steps of a change that can be rolled back'),
  wait: duration(
    'how long to wait while a step is held back, such as 0s or 3d (default 5m); --resume continues later',
    300,
  ),
  ...goneOption,
  ...leaseOptions,
  ...noticeOptions,
  domain: domainOption,
  json: flag('print one JSON document'),
};

export type ChangeIo = IoOf<typeof changeOptions>;

/** Two route refreshes of a Java client (pollNameServerInterval, 30 s). */
const quietSeconds = seconds(60);

/** For changes that wait until queues are consumed. */
export const drainOptions = {
  quiet: option(
    'DURATION',
    `time without messages from clients before the change continues (default ${quietSeconds}s)`,
    Duration.refine((quiet) => quiet > 0, { error: 'give more than 0s' }).default(quietSeconds),
  ),
  'ignore-group': list('GROUP', 'ignore unread messages of this group; also with --resume'),
  'give-up-replay': flag(
    'do not wait until retention ends: old messages can then not be read again; also with --resume',
  ),
};

/** `get brokers` lists the master as broker-a:0, but a change applies to its group. */
export const BrokerName = z.string().transform((id) => id.replace(/:0$/, ''));

export const brokerOption = (help: string) => option('NAME', help, BrokerName);

/** For changes that add queues. */
export const settleOption = duration(
  `how long consumers have to find new queues before producers write to them (default ${settleSeconds}s)`,
  settleSeconds,
);
