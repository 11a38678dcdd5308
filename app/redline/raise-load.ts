// Raises the load of one broker step by step, holds each step, and stops at the first limit or outside interference.

import type { BrokerKind } from '../../core/cluster.ts';
import { defined } from '../../core/defined.ts';
import type { RedlineStop } from '../../core/documents/redline.ts';
import type { JournalLine } from '../../core/documents/run-bundle.ts';
import { AppError } from '../../core/errors.ts';
import { percentText, rateText } from '../../core/text/quantity-text.ts';
import { redlineTerms } from '../../core/broker-kind/redline-terms.ts';
import type { JournalRow, LiveReading, RedlineStep, StepsEnd } from '../../ops/redline/live-load.ts';
import { firstLimit, predictedUse, type MeasuredUse, type RateLimit } from '../../ops/redline/next-limit.ts';
import type { RedlineTools } from '../../ops/redline/redline-driver.ts';
import { awaitTraffic, type ExpectedShare } from './await-traffic.ts';
import { createStepWatch, type Interruption, type StepWatchParts } from './step-watch.ts';
import type { LiveRecorder } from './record-live.ts';
import type { RedlineSetting } from './redline-request.ts';
import { mean } from '../../core/statistics/statistics.ts';

export interface RaiseParts extends Omit<StepWatchParts, 'recorder' | 'broker' | 'policy'> {
  setting: RedlineSetting;
  recorder: LiveRecorder;
  tools: RedlineTools;
  originals: readonly JournalRow[];
  measure(): Promise<readonly MeasuredUse[]>;
  tell(line: string): void;
  progress(line: string): void;
  /** Called before a step, with the total number of moves, including moves back. */
  moved(moves: number): void;
}

export interface Raised {
  stop: RedlineStop;
  /** Including moves back. */
  moves: number;
}

/** Largest predicted share of the limit for the next step: a prediction of one step ahead is off by a few percent. */
const nearest = 0.98;
/** If the live traffic of the cluster falls below this share of the previous step, a step is void. */
const leastOfBefore = 0.95;
/** Share of the planned traffic, which was measured for only a few seconds: less is other traffic than planned. */
const leastOfPlanned = 0.5;
/** The same for the broker, whose partitions vary more than the cluster. */
const leastOfPredicted = 0.85;
const mostRepeats = 3;

/**
 * @returns why it ended; the layout is that of the last step
 * @throws AppError if the lease is lost, or the controller refuses; the signal's reason
 */
export async function raiseLoad(parts: RaiseParts): Promise<Raised> {
  const { setting, recorder, originals, tools, tell } = parts;
  const { driver, cluster, stepShare, holdSeconds, maxMoves, policy } = setting;
  const { id, name } = driver.broker;
  const holds = createHolds(parts);
  const traffic = createTrafficCheck(name, parts.clusterTps);
  const begins: LiveReading[] = [];
  let movesLeft = maxMoves;
  let planned: RedlineStep | undefined;
  const ended = (stop: RedlineStop): Raised => ({ stop, moves: maxMoves - movesLeft });

  await holds.followed(undefined);
  for (let step = 0; ; step += 1) {
    const held = await holds.hold(step, holdSeconds);
    begins.push(held.from);
    const averaged = held.to.loadSince(begins.at(-driver.averagedSteps) ?? held.from);
    const now = held.to.loadSince(held.from);
    const ledTps = now.ledTps[id] ?? 0;
    const predictedTps = planned?.ledTps ?? ledTps;
    const line = { step, partitions: [...(planned?.names ?? [])], predictedTps };
    if (held.interruption !== undefined) {
      closeStep(recorder, line);
      return ended(held.interruption);
    }
    const discarded = traffic.whyDiscarded({ clusterTps: now.clusterTps, ledTps, predictedTps });
    if (discarded !== undefined) {
      closeStep(recorder, { ...line, discarded });
      tell(`step ${step} does not count: ${discarded}`);
      const stop = traffic.stopAfter(discarded);
      if (stop !== undefined) return ended(stop);
      continue;
    }
    await recorder.flush();
    const uses = await parts.measure();
    tell(`step ${step}: broker ${name} gets ${rateText(ledTps)}${useText(uses, ledTps)}`);
    const limit = firstLimit(uses);
    const mostTps = limit && { mostTps: nearest * limit.tps };
    const found = averaged.among(originals).next({ stepShare, movesLeft, ...mostTps });
    if (found.kind === 'end') {
      const missing = policy.confirmationSeconds.value - holdSeconds;
      const isBeyond = limit?.tps === 0;
      const longer = missing > 0 && !isBeyond ? await holds.holdOn(missing) : undefined;
      closeStep(recorder, line);
      return ended(longer ?? endOf(found.end, cluster.broker, limit, ledTps));
    }
    closeStep(recorder, line);
    planned = found.step;
    movesLeft -= planned.moves;
    await tools.check();
    parts.moved(maxMoves - movesLeft);
    tell(`step ${step + 1}: ${planned.text}`);
    await planned.take(tools);
    const failed = await holds.followed({
      before: share(ledTps, now.clusterTps),
      after: share(planned.ledTps, averaged.clusterTps),
      ledTps: planned.ledTps,
    });
    if (failed !== undefined) return ended(failed);
  }
}

/** Holds each step until its time ends or it is interrupted, and records it in the bundle. */
function createHolds(parts: RaiseParts) {
  const { setting, recorder, tools, progress } = parts;
  const { driver, policy } = setting;
  const watch = createStepWatch({ ...parts, broker: driver.broker.name, policy });

  async function next(): Promise<LiveReading> {
    const reading = await recorder.next();
    tools.signal.throwIfAborted();
    await tools.check();
    return reading;
  }

  async function holdFor(begun: number, duration: number, name: string): Promise<RedlineStop | undefined> {
    for (;;) {
      const found = watch.look(await next(), begun);
      if (found !== undefined) return interrupted(found);
      const left = duration - (recorder.elapsed() - begun);
      progress(`${name}: ${Math.max(0, Math.ceil(left))} s left`);
      if (left > 0) continue;
      const growing = watch.growingLag(begun);
      return growing && interrupted(growing);
    }
  }

  function interrupted({ code, message, input = code, value, limit }: Interruption): RedlineStop {
    const what = { input, reason: message, ...defined({ value, limit }) };
    recorder.write({ kind: 'guard', elapsedSeconds: recorder.elapsed(), ...what, ends: 'run' });
    return { code, message };
  }

  return {
    async hold(step: number, durationSeconds: number) {
      const from = recorder.latest();
      watch.expect(from);
      const begun = recorder.elapsed();
      recorder.write({ kind: 'step-started', elapsedSeconds: begun, step, durationSeconds });
      const interruption = await holdFor(begun, durationSeconds, `step ${step}`);
      return { from, to: recorder.latest(), interruption };
    },
    async holdOn(duration: number): Promise<RedlineStop | undefined> {
      parts.tell(`the last step is held for the confirmation time, ${Math.round(duration)} s more`);
      return holdFor(recorder.elapsed(), duration, 'last step');
    },
    async followed(expected: ExpectedShare | undefined): Promise<RedlineStop | undefined> {
      if (expected !== undefined) {
        // The next reading may have begun before the step.
        await next();
        watch.expect(await next());
      }
      const { elapsed } = recorder;
      const failed = await awaitTraffic({ driver, next, elapsed, look: watch.look, progress }, expected);
      return failed && interrupted(failed);
    },
  };
}

/** Finds void steps. @param plannedTps messages per second of the cluster in the plan */
export function createTrafficCheck(broker: string, plannedTps: number) {
  /** Messages per second of the cluster for each held step, and for the last valid one. */
  const totals: number[] = [];
  let totalBefore = 0;
  let repeats = 0;
  return {
    whyDiscarded(now: { clusterTps: number; ledTps: number; predictedTps: number }): string | undefined {
      const isFirst = totalBefore === 0;
      const usual = isFirst ? plannedTps : usualTraffic(totals, totalBefore);
      const hasDropped = now.clusterTps < (isFirst ? leastOfPlanned : leastOfBefore) * usual;
      totals.push(now.clusterTps);
      repeats += 1;
      if (hasDropped) return `traffic of the cluster fell from ${rateText(usual)} to ${rateText(now.clusterTps)}`;
      if (now.ledTps < leastOfPredicted * now.predictedTps)
        return `broker ${broker} got ${rateText(now.ledTps)} instead of the expected ${rateText(now.predictedTps)}`;
      repeats = 0;
      totalBefore = now.clusterTps;
      return undefined;
    },
    stopAfter(reason: string): RedlineStop | undefined {
      if (repeats < mostRepeats) return undefined;
      const message = `${repeats} steps in a row did not count, the last because ${reason}`;
      return { code: 'traffic-dropped', message };
    },
  };
}

function closeStep(
  recorder: Pick<LiveRecorder, 'write' | 'elapsed'>,
  line: Omit<Extract<JournalLine, { kind: 'redline-step' }>, 'kind' | 'elapsedSeconds'>,
): void {
  recorder.write({ kind: 'step-ended', elapsedSeconds: recorder.elapsed(), step: line.step });
  recorder.write({ kind: 'redline-step', elapsedSeconds: recorder.elapsed(), ...line });
}

function endOf(end: StepsEnd, kind: BrokerKind, limit: RateLimit | undefined, rate: number): RedlineStop {
  const { moves, exhausted } = redlineTerms[kind];
  if (end === 'budget') return { code: end, message: `the budget of ${moves} (--max-moves) is used up` };
  if (end === 'no-partitions') return { code: end, message: exhausted };
  if (limit === undefined) return { code: 'limit', message: 'the limit is reached' };
  const { resource, node, policyLimit } = limit.limit;
  const beyond = limit.tps === 0;
  const what = beyond ? 'is beyond' : 'would pass';
  const where = beyond ? '' : ` at ${rateText(limit.tps)}, with ${rateText(rate)} now`;
  const message = `${resource} of ${node} ${what} its policy limit of ${percentText(policyLimit)}${where}`;
  return { code: 'limit', message };
}

const share = (part: number, whole: number) => (whole > 0 ? part / whole : 0);

function useText(uses: readonly MeasuredUse[], ledTps: number): string {
  const shown = uses.flatMap((use) => {
    const last = use.points.at(-1);
    return last === undefined ? [] : [{ ...use, p99: last.p99, next: predictedUse(use, ledTps) }];
  });
  return shown
    .toSorted((a, b) => b.p99 / b.policyLimit - a.p99 / a.policyLimit)
    .slice(0, 2)
    .map(({ resource, p99, policyLimit }) => `, ${resource} ${percentText(p99)} (limit ${percentText(policyLimit)})`)
    .join('');
}

export function faultStop(cause: unknown): RedlineStop | undefined {
  if (!(cause instanceof AppError) || cause.code === 'lease-lost' || cause.code === 'change-under-way')
    return undefined;
  return { code: 'unreadable', message: cause.message };
}

/**
 * Messages that producers send after a pause make a step exceed the usual traffic, which is then the mean of all steps.
 *
 * @param totals messages per second of each held step. @param before of the last valid step
 */
export const usualTraffic = (totals: readonly number[], before: number): number =>
  totals.length === 0 ? 0 : Math.min(before, mean(totals));
