// Compares the load of each whole second with the limits, across the reports of all workers.

import type { Breach } from './guard.ts';
import type { WatchedLimit } from '../../core/documents/watched-limit.ts';
import { percentText, quantityText } from '../../core/text/quantity-text.ts';
import type { JournalLine } from '../../core/documents/run-bundle.ts';
import { createLatencySum } from '../../core/statistics/latency-sum.ts';
import { countExtraReads } from '../record/extra-reads.ts';
import type { GuardConfig } from './config.ts';
import { durationText } from '../../core/text/duration-text.ts';

export interface SecondLimits extends Pick<GuardConfig, 'errors' | 'p99' | 'lagMessages'> {
  maxTps: number;
  /** Groups whose lag counts. */
  groups: readonly string[];
}

/** Worker timers run slightly late and catch up in the next second. */
const rateTolerance = 1.1;

type Figure = Breach & { value: number; limit: number };

/** The rate is shown with its target instead. */
const kinds: Readonly<Record<string, WatchedLimit['kind']>> = { errors: 'errors', p99: 'p99', lagMessages: 'lag' };

interface Sum {
  /** Messages and seconds reported per worker: a late or shifted report may bring two intervals of one worker. */
  sent: Map<string, { messages: number; seconds: number }>;
  intended: number;
  acknowledged: number;
  failed: number;
  latency: ReturnType<typeof createLatencySum>;
}

const emptySum = (): Sum => ({
  sent: new Map(),
  intended: 0,
  acknowledged: 0,
  failed: 0,
  latency: createLatencySum(),
});

export function watchSeconds(limits: SecondLimits) {
  const groups = new Map(limits.groups.map((group) => [group, { messages: 0, extra: countExtraReads() }]));
  /** Messages sent and not yet answered, by worker. */
  const unanswered = new Map<string, number>();
  /** Messages acknowledged, or sent and not yet answered. */
  let readable = 0;
  let acknowledged = 0;
  let second = 0;
  /** Time in seconds of the run since which messages have been due and none has been answered. */
  let waitingSince: number | undefined;
  let sum = emptySum();
  /** Figures of the last whole second. */
  let figures: Figure[] = [];

  const complete = () => {
    for (const { messages, extra } of groups.values()) extra.endSecond(messages, readable);
    const lags = [...groups.values()].map(({ messages, extra }) => acknowledged - messages + extra.messages);
    figures = [...figuresOf(sum, limits, { lag: Math.max(0, ...lags), waited: waitedSeconds() })];
    sum = emptySum();
    return figures.filter(({ input, value, limit }) => value > limit * (input === 'maxTps' ? rateTolerance : 1));
  };

  /** @returns minimum time, at the end of a second, for which messages have been due and none has been answered */
  function waitedSeconds(): number {
    const isWaiting = sum.intended > 0 || [...sum.sent.keys()].some((worker) => (unanswered.get(worker) ?? 0) > 0);
    if (sum.acknowledged + sum.failed > 0 || !isWaiting) waitingSince = undefined;
    else waitingSince ??= second + 1;
    return waitingSince === undefined ? 0 : second + 1 - waitingSince;
  }

  function add(lines: readonly JournalLine[]): Breach[] {
    const breaches: Breach[] = [];
    for (const line of lines) {
      const group = line.kind === 'consumed' ? groups.get(line.group) : undefined;
      if (line.kind === 'consumed' && group !== undefined) group.messages += line.messages;
      if (line.kind === 'worker-lost') {
        // In-flight messages of a lost worker are never answered: if a group reads one, it counts as an extra read.
        readable -= unanswered.get(line.worker) ?? 0;
        unanswered.delete(line.worker);
      }
      if (line.kind !== 'produced') continue;
      // Use the middle of the interval, because timers end it slightly after the second.
      const at = Math.floor(line.elapsedSeconds - line.intervalSeconds / 2);
      if (at > second) {
        breaches.push(...complete());
        second = at;
      }
      // Some failed messages were stored: their reads must not count as reads of acknowledged messages.
      readable += line.sent - line.failed;
      acknowledged += line.acknowledged;
      const open = (unanswered.get(line.worker) ?? 0) + line.sent - line.acknowledged - line.failed;
      unanswered.set(line.worker, open);
      const own = sum.sent.get(line.worker) ?? { messages: 0, seconds: 0 };
      sum.sent.set(line.worker, { messages: own.messages + line.sent, seconds: own.seconds + line.intervalSeconds });
      sum.intended += line.intended;
      sum.acknowledged += line.acknowledged;
      sum.failed += line.failed;
      if (limits.p99 !== undefined) sum.latency.add(line.latency);
    }
    return breaches;
  }

  return {
    /** Adds lines in the order they arrive. @returns breaches in each second that is now complete */
    add,
    /** Ends the current second, because the load has ended. @returns its breaches */
    complete,
    limits: (): WatchedLimit[] =>
      figures.flatMap(({ input, value, limit }) => {
        const kind = kinds[input];
        return kind === undefined ? [] : [{ kind, value, limit }];
      }),
  };
}

/** Divides by at least one second, because a short burst is not a rate. */
const sentPerSecond = (sent: Sum['sent']) =>
  [...sent.values()].reduce((rate, { messages, seconds }) => rate + messages / Math.max(1, seconds), 0);

/** @returns each limit with the value of the second, exceeded or not */
function* figuresOf(
  { sent: sentByWorker, acknowledged, failed, latency }: Sum,
  { maxTps, errors, p99, lagMessages }: SecondLimits,
  { lag, waited }: { lag: number; waited: number },
): Iterable<Figure> {
  const sent = sentPerSecond(sentByWorker);
  const rate = `${quantityText(sent)} messages were sent in one second, ${quantityText(maxTps)} are allowed`;
  yield { input: 'maxTps', reason: rate, value: sent, limit: maxTps, ends: 'run' };
  const ended = acknowledged + failed;
  const failedShare = failed / ended;
  if (errors !== undefined && ended > 0) {
    const reason = `${percentText(failedShare)} of the sends of one second failed, more than the limit of ${percentText(errors)}`;
    yield { input: 'errors', reason, value: failedShare, limit: errors, ends: 'trial' };
  }
  const slow = latency.percentiles()?.p99;
  if (p99 !== undefined && slow !== undefined) {
    const reason = `the p99 latency of one second was ${durationText(slow)}, above the limit of ${durationText(p99)}`;
    yield { input: 'p99', reason, value: slow, limit: p99, ends: 'trial' };
  }
  if (p99 !== undefined && waited > p99) {
    const reason = `no message was answered for ${durationText(waited)}; the p99 limit is ${durationText(p99)}`;
    yield { input: 'p99', reason, value: waited, limit: p99, ends: 'trial' };
  }
  if (lagMessages !== undefined) {
    const reason = `the slowest group lags by ${quantityText(lag)} messages; ${quantityText(lagMessages)} are allowed`;
    yield { input: 'lagMessages', reason, value: lag, limit: lagMessages, ends: 'trial' };
  }
}
