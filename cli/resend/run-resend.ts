// Runs a resend for a command, and prints its progress.

import { type ResendRequest, type ResendState, runResend as runRequested } from '../../app/change/resend/run-resend.ts';
import type { NamedCluster } from '../../app/observe/named-cluster.ts';
import { AppError } from '../../core/errors.ts';
import { hasColours } from '../command-line.ts';
import { amount, duration, flag, type IoOf, list, option, printDocument, text, wholeNumber } from '../command.ts';
import { textIn } from '../../core/text/bilingual.ts';
import { countText } from '../../core/text/quantity-text.ts';
import { columnsOf, plain, renderTable } from '../../core/text/table.ts';
import { blockerText } from '../../ops/change/step.ts';
import { messageName, readMessageName } from '../../ops/resend/message-name.ts';
import { z } from 'zod';
import { isSince, matches } from '../../app/observe/message-filter.ts';
import type { FoundMessage } from '../../brokers/lookup.ts';
import { momentOf } from '../../ops/offsets/moment.ts';
import { leaseOptions } from '../change/administration-options.ts';
import { exitOf } from '../change/print-change.ts';
import { filterOf, searchOptions } from '../message-text.ts';

/** @returns as `printChange` */
export async function runResend(
  io: ResendIo,
  entry: Pick<NamedCluster, 'name' | 'config' | 'masks'>,
  request: ResendRequest,
): Promise<number> {
  const state = await runRequested(io, entry, request);
  printDocument(io, { schemaVersion: 1, ...resendDocument(state) }, () =>
    resendText(state, { colours: hasColours(io.stdout, io.environment) }),
  );
  return exitOf(state);
}

/** Members of the document, without `schemaVersion`. */
function resendDocument(state: ResendState): object {
  const { cluster, status, plan, findings, holds, facts, path } = state;
  return {
    cluster,
    topic: facts.topic,
    status,
    ...(plan && {
      read: plan.read,
      messages: plan.chosen.map((message) => ({
        message: messageName(message),
        ...(message.storedAtMs !== undefined && { storedAt: new Date(message.storedAtMs).toISOString() }),
        to: message.target,
      })),
    }),
    findings,
    evidence: evidenceOf(state),
    holds: holds.map((hold) => blockerText(hold)),
    ...(status !== 'planned' && { sentFile: facts.sent, stateFile: path }),
  };
}

const evidenceOf = ({ status, records }: ResendState): string[] =>
  status === 'planned' ? [] : records.flatMap(({ evidence }) => evidence.map((line) => textIn(line, 'en')));

const statusTexts = {
  planned: 'a plan, nothing was sent',
  held: 'interrupted; --resume continues, --abort ends it',
  done: 'done',
  'rolled-back': 'ended before all messages were sent',
} as const satisfies Record<ResendState['status'], string>;

const mostRows = 20;
const columns = columnsOf(['MESSAGE', 'STORED AT', 'TO']);

function resendText(state: ResendState, { colours }: { colours: boolean }): string {
  const { cluster, status, plan, findings, holds, facts } = state;
  const rows = (plan?.chosen ?? [])
    .slice(0, mostRows)
    .map((message) => [
      messageName(message),
      message.storedAtMs === undefined ? '-' : new Date(message.storedAtMs).toISOString(),
      message.target,
    ]);
  const hidden = (plan?.chosen.length ?? 0) - rows.length;
  return [
    `resend of ${plain(facts.topic)} on cluster ${plain(cluster)}: ${statusTexts[status]}\n`,
    ...(status === 'planned' && rows.length > 0 ? [renderTable(columns, rows, { colours })] : []),
    ...(status === 'planned' && hidden > 0 ? [`and ${countText(hidden)} more messages; --json lists all\n`] : []),
    ...findings.map(({ severity, message }) => `${severity}: ${plain(message)}\n`),
    ...evidenceOf(state).map((line) => `${plain(line)}\n`),
    ...holds.map((hold) => `held: ${plain(blockerText(hold))}\n`),
    ...(status === 'planned' ? [] : [`each message and its copy: ${facts.sent}\n`]),
    ...(status === 'planned' && !findings.some(({ severity }) => severity === 'critical')
      ? ['\n--execute sends the messages. A message cannot be recalled.\n']
      : []),
  ].join('');
}

/** The journal stores every offset, and a plan every message. */
const mostMessages = 10_000;
const defaultLimit = 1000;
const defaultRead = 100_000;
const defaultRate = 100;

const place = 'PARTITION@OFFSET';

export const resendOptions = {
  topic: option('NAME', 'the dead-letter topic', z.string(), {
    hint: '`plimsoll get topics` lists topics',
  }),
  message: list(place, 'send this message, such as 0@17 or broker-a:0@17 (default: all that match)'),
  since: text('TIME', 'only messages stored since this time (with zone), such as 2026-11-11T00:00:00+08:00'),
  until: text('TIME', 'only messages stored before this time (with zone)'),
  ...searchOptions,
  limit: option(
    'N',
    `most messages to send, the oldest first (default ${defaultLimit})`,
    wholeNumber(1, mostMessages).default(defaultLimit),
  ),
  read: option(
    'N',
    `most messages to read during the search (default ${defaultRead})`,
    wholeNumber(1, 10_000_000).default(defaultRead),
  ),
  rate: option(
    'N',
    `most messages per second (default ${defaultRate})`,
    amount((value) => value >= 0.1 && value <= 10_000, 'from 0.1 to 10000').default(defaultRate),
  ),
  again: flag('also messages that this machine has already sent again'),
  skip: list(place, 'with --resume: do not send this message, which may be stored or was refused'),
  'send-again': list(place, 'with --resume: send this message, although it may be stored already'),
  execute: flag('send the messages, after you confirm the cluster; without it nothing is sent'),
  resume: flag('continue a resend of the topic that was interrupted'),
  abort: flag('end an interrupted resend: nothing more is sent; sent messages stay'),
  wait: duration(
    'how long to wait while a broker does not answer or a transaction is open (default 1m); --resume continues later',
    60,
  ),
  ...leaseOptions,
  json: flag('print one JSON document'),
};

export type ResendIo = IoOf<typeof resendOptions>;

/** @throws AppError usage */
export function resendRequest(
  { options, clock }: Pick<ResendIo, 'options' | 'clock'>,
  where: { to?: string; toOrigin: boolean },
): ResendRequest {
  const { topic, message, since, until, limit, read, rate, again } = options;
  const decided = { skip: options.skip, sendAgain: options['send-again'] };
  for (const typed of [...decided.skip, ...decided.sendAgain]) placeIn(typed);
  if (!options.resume && decided.skip.length + decided.sendAgain.length > 0) {
    throw new AppError('usage', '--skip and --send-again are for messages of an interrupted resend: add --resume');
  }
  const now = clock.now();
  const hint = 'all messages match without it';
  const sinceMs = since === undefined ? undefined : momentOf(since, 'since', now, hint);
  const untilMs = until === undefined ? undefined : momentOf(until, 'until', now, hint);
  const filter = filterOf(options);
  const isInTime = (found: FoundMessage) =>
    (sinceMs === undefined || isSince(found, sinceMs)) &&
    (untilMs === undefined || (found.storedAtMs !== undefined && found.storedAtMs < untilMs));
  return {
    topic,
    filter,
    perSecond: rate,
    decided,
    spec: {
      ...where,
      from: sinceMs === undefined ? { kind: 'offset', offset: 0n } : { kind: 'time', atMs: sinceMs },
      messages: message.map(placeIn),
      isWanted: (found) => isInTime(found) && matches(found, filter),
      limit,
      mostRead: Math.max(limit, read),
      again,
    },
  };
}

function placeIn(typed: string) {
  const found = readMessageName(typed);
  if (found !== undefined) return found;
  throw new AppError('usage', `${typed} names no message: write partition@offset, such as 0@17 or broker-a:0@17`);
}
