// Checks that followers kept up while the load ran: a rate that is not copied is no replicated rate.

import { findingOf } from '../../../../core/documents/findings/findings.ts';
import type { BrokerInterval, Span } from '../../../evidence/load-test-run.ts';
import { wholeWithin } from '../../limits/resources/use.ts';
import type { ReplicationLag } from '../../../../core/documents/findings/step-check-findings.ts';
import { mean } from '../../../../core/statistics/statistics.ts';
import { isGrowing } from '../../steps/steady-state.ts';
import type { JudgedStep } from '../../steps/step-verdict.ts';
import type { Check, GateContext, Inconsistency } from '../check.ts';

/** A follower that fetches a moment late is out of the set for one sample; one with lag stays out. */
const behindShare = 0.5;

export const replicationLagCheck = {
  asks: 'did followers keep up: in-sync sets whole, and bytes not copied no more than before?',

  check(context) {
    const sustained = context.steps.filter(({ verdict }) => verdict.kind === 'sustained');
    const told = sustained.map((judged) => ({ judged, shown: copiesShown(judged, context) }));
    const highestCopied = Math.max(
      0,
      ...told.flatMap(({ judged, shown }) => (shown === 'copied' ? judged.step.tps : [])),
    );
    const behind = told.filter((one): one is Behind => one.shown !== undefined && one.shown !== 'copied');
    // What was copied at a higher rate was not held back by this one: a follower was catching up.
    const isPassing = ({ judged }: Behind) => judged.step.tps < highestCopied;
    const lasting = behind.filter((one) => !isPassing(one));
    return [...caughtUp(behind.filter(isPassing), highestCopied), ...leftBehind(lasting)];
  },
} satisfies Check;

interface Behind {
  judged: JudgedStep;
  shown: ReplicationLag;
}

function leftBehind(behind: readonly Behind[]): Inconsistency[] {
  const first = lowest(behind);
  if (first === undefined) return [];
  const { tps } = first.judged.step;
  return [
    {
      consequence: { kind: 'weakened', steps: behind.map(({ judged }) => judged) },
      finding: findingOf('copies-behind', { tps, shown: first.shown }),
    },
  ];
}

function caughtUp(behind: readonly Behind[], highestCopied: number): Inconsistency[] {
  const first = lowest(behind);
  if (first === undefined) return [];
  const { tps } = first.judged.step;
  return [
    {
      consequence: { kind: 'warned' },
      finding: findingOf('copies-caught-up', { tps, copiedTps: highestCopied, shown: first.shown }),
    },
  ];
}

const lowest = (behind: readonly Behind[]) => behind.toSorted((a, b) => a.judged.step.tps - b.judged.step.tps)[0];

/** @returns undefined where no sample shows it */
function copiesShown(
  { step: { window, tps } }: JudgedStep,
  { run, policy }: GateContext,
): ReplicationLag | 'copied' | undefined {
  const counts = [
    run.underReplicated
      .filter(({ elapsedSeconds }) => elapsedSeconds >= window.from && elapsedSeconds < window.to)
      .map(({ partitions }) => partitions),
    // Of brokers that are down on purpose each of the others counts the copies as missing.
    ...(run.document.degraded ? [] : [...(run.brokers?.values() ?? [])]).map((intervals) =>
      wholeWithin(intervals, window).flatMap(({ underReplicatedPartitions }) => underReplicatedPartitions ?? []),
    ),
  ].filter((values) => values.length > 0);
  const worst = counts
    .filter((values) => values.filter((value) => value > 0).length > behindShare * values.length)
    .map((values) => Math.max(...values));
  if (worst.length > 0) return { partitions: Math.max(...worst) };
  let isTold = counts.length > 0;
  for (const [broker, intervals] of run.brokers ?? []) {
    const own = wholeWithin(intervals, window).filter(({ replicationLagBytes }) => replicationLagBytes !== undefined);
    isTold ||= own.length > 0;
    const lag = own.map(({ replicationLagBytes }) => replicationLagBytes ?? 0);
    const seconds = own.reduce((sum, { from, to }) => sum + to - from, 0) / own.length;
    const written = writtenTo(broker, window, tps, run);
    if (isGrowing(lag, policy.step.growthShare.value * written * seconds))
      return { node: broker, lagBytes: lag.at(-1) ?? 0 };
  }
  return isTold ? 'copied' : undefined;
}

/**
 * Its followers copy what was written to this broker, and nothing of the others: as it reports, or its share by leaders, or an equal share.
 *
 * @returns bytes per second
 */
function writtenTo(broker: string, window: Span, tps: number, run: GateContext['run']): number {
  const own = run.brokers?.get(broker) ?? [];
  const messageBytes = run.document.workload.messageBytes ?? 1;
  const inWindow = wholeWithin(own, window);
  const bytes = meanOf(inWindow, 'bytesInPerSecond');
  if (bytes !== undefined) return bytes;
  const messages = meanOf(inWindow, 'messagesInPerSecond');
  if (messages !== undefined) return messages * messageBytes;
  const ids = brokersThatLead(run);
  const leaders = ids.map((id) => meanOf(run.brokers?.get(id) ?? [], 'leaders'));
  const led = leaders.reduce<number | undefined>(
    (sum, each) => (sum === undefined || each === undefined ? undefined : sum + each),
    0,
  );
  const share = led !== undefined && led > 0 ? (meanOf(own, 'leaders') ?? 0) / led : 1 / ids.length;
  return share * tps * messageBytes;
}

/** Slaves of RocketMQ are written to by their masters alone. */
function brokersThatLead({ document, brokers }: GateContext['run']): string[] {
  const listed = document.environment.brokers.map(({ id }) => id);
  const ids = [...new Set([...listed, ...(brokers?.keys() ?? [])])];
  const leading = ids.filter((id) => !/:[1-9]\d*$/.test(id));
  return leading.length > 0 ? leading : ids;
}

function meanOf(
  intervals: readonly BrokerInterval[],
  figure: 'bytesInPerSecond' | 'messagesInPerSecond' | 'leaders',
): number | undefined {
  const values = intervals.flatMap((interval) => interval[figure] ?? []);
  return values.length === 0 ? undefined : mean(values);
}
