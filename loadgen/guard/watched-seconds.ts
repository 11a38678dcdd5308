// Compares the load of each whole second with the limits, over the reports of all workers.

import type { JournalLine } from '../../core/documents/run-bundle.ts';
import { createLatencySum } from '../../core/statistics/latency-sum.ts';
import type { GuardConfig } from './config.ts';
import type { Breach } from './guard.ts';
import { percentText, quantityText } from '../../core/text/quantity-text.ts';
import { durationText } from '../../core/text/duration-text.ts';

export interface SecondLimits extends Pick<GuardConfig, 'errors' | 'p99' | 'lagMessages'> {
  maxTps: number;
  /** Groups whose lag counts. */
  groups: readonly string[];
}

/** Workers' timers run a little late and catch up in the next second. */
const rateTolerance = 1.1;

interface Sum {
  /** Messages and seconds that each worker reported: a late or shifted report may bring two intervals of one worker. */
  sent: Map<string, { messages: number; seconds: number }>;
  acknowledged: number;
  failed: number;
  latency: ReturnType<typeof createLatencySum>;
}

interface Reader {
  messages: number;
  /** A second ago: in a second, reports come in any order. */
  before: number;
  /** What was read beyond what was sent, in each of the last seconds. */
  beyond: readonly number[];
  redelivered: number;
}

const newReader = (): Reader => ({ messages: 0, before: 0, beyond: [], redelivered: 0 });

/** A worker that is silent for so long is lost (remote/link.ts); until then it may still report what it sent. */
const unheardSeconds = 6;

const emptySum = (): Sum => ({ sent: new Map(), acknowledged: 0, failed: 0, latency: createLatencySum() });

interface WatchedSeconds {
  /** Takes the lines as they come. @returns what is wrong with each second that is complete */
  add(lines: readonly JournalLine[]): Breach[];
  /** Ends the second that is not complete yet: the load is over. @returns what is wrong with it */
  complete(): Breach[];
}

export function watchSeconds(limits: SecondLimits): WatchedSeconds {
  const groups = new Map(limits.groups.map((group) => [group, newReader()]));
  let sent = 0;
  let acknowledged = 0;
  let second = 0;
  let sum = emptySum();

  const complete = () => {
    for (const group of groups.values()) noteRedelivered(group, sent);
    const lags = [...groups.values()].map(({ messages, redelivered }) => acknowledged - messages + redelivered);
    const breaches = [...judge(sum, limits, Math.max(0, ...lags))];
    sum = emptySum();
    return breaches;
  };

  function add(lines: readonly JournalLine[]): Breach[] {
    const breaches: Breach[] = [];
    for (const line of lines) {
      const group = line.kind === 'consumed' ? groups.get(line.group) : undefined;
      if (line.kind === 'consumed' && group !== undefined) group.messages += line.messages;
      if (line.kind !== 'produced') continue;
      // The middle of the interval: its end lies a timer's delay past the second.
      const at = Math.floor(line.elapsedSeconds - line.intervalSeconds / 2);
      if (at > second) {
        breaches.push(...complete());
        second = at;
      }
      sent += line.sent;
      acknowledged += line.acknowledged;
      const own = sum.sent.get(line.worker) ?? { messages: 0, seconds: 0 };
      sum.sent.set(line.worker, { messages: own.messages + line.sent, seconds: own.seconds + line.intervalSeconds });
      sum.acknowledged += line.acknowledged;
      sum.failed += line.failed;
      if (limits.p99 !== undefined) sum.latency.add(line.latency);
    }
    return breaches;
  }

  return { add, complete };
}

/** What a group read beyond what was sent came twice. For some seconds it may also be what a worker has not reported yet. */
function noteRedelivered(group: Reader, sent: number): void {
  group.beyond = [...group.beyond, group.before - sent].slice(-unheardSeconds);
  group.before = group.messages;
  if (group.beyond.length === unheardSeconds)
    group.redelivered = Math.max(group.redelivered, Math.min(...group.beyond));
}

/** Less than a second counts as one: a burst is no rate. */
const sentPerSecond = (sent: Sum['sent']) =>
  [...sent.values()].reduce((rate, { messages, seconds }) => rate + messages / Math.max(1, seconds), 0);

function* judge(
  { sent: sentByWorker, acknowledged, failed, latency }: Sum,
  { maxTps, errors, p99, lagMessages }: SecondLimits,
  lag: number,
): Iterable<Breach> {
  const sent = sentPerSecond(sentByWorker);
  if (sent > maxTps * rateTolerance) {
    yield breach(
      'maxTps',
      'run',
      sent,
      maxTps,
      `${quantityText(sent)} messages were sent in one second, ${quantityText(maxTps)} are allowed`,
    );
  }
  const ended = acknowledged + failed;
  if (errors !== undefined && ended > 0 && failed / ended > errors) {
    yield breach(
      'errors',
      'trial',
      failed / ended,
      errors,
      `${percentText(failed / ended)} of the sends of one second failed, ${percentText(errors)} may`,
    );
  }
  const slow = latency.percentiles()?.p99;
  if (p99 !== undefined && slow !== undefined && slow > p99) {
    yield breach(
      'p99',
      'trial',
      slow,
      p99,
      `the p99 of one second is ${durationText(slow)}, ${durationText(p99)} may be`,
    );
  }
  if (lagMessages !== undefined && lag > lagMessages) {
    yield breach(
      'lagMessages',
      'trial',
      lag,
      lagMessages,
      `the slowest group lags by ${quantityText(lag)} messages; ${quantityText(lagMessages)} are allowed`,
    );
  }
}

const breach = (input: string, ends: Breach['ends'], value: number, limit: number, reason: string): Breach => ({
  input,
  reason,
  value,
  limit,
  ends,
});
