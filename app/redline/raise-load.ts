// Raises the load of one broker step by step, holds each step, and stops at the first limit or when something else changes.

import type { RedlineStop } from '../../core/documents/redline.ts';
import { AppError } from '../../core/errors.ts';
import { percentText, rateText } from '../../core/text/quantity-text.ts';
import { redlineTerms } from '../../core/broker-kind/redline-terms.ts';
import type { JournalRow, LiveReading, NextStep, RedlineStep } from '../../ops/redline/live-load.ts';
import { firstLimit, predictedUse, type MeasuredUse } from '../../ops/redline/next-limit.ts';
import type { RedlineTools } from '../../ops/redline/redline-driver.ts';
import { awaitTraffic, type ExpectedShare } from './await-traffic.ts';
import { createStepWatch, type Interruption, type StepWatchParts } from './step-watch.ts';
import type { LiveRecorder } from './record-live.ts';
import type { RedlineSetting } from './redline-request.ts';
import { usualTraffic } from './usual-traffic.ts';

export interface RaiseParts extends Omit<StepWatchParts, 'recorder' | 'broker' | 'policy'> {
  setting: RedlineSetting;
  recorder: LiveRecorder;
  tools: RedlineTools;
  originals: readonly JournalRow[];
  measure(): Promise<readonly MeasuredUse[]>;
  tell(line: string): void;
  progress(line: string): void;
  /** Called before a step is made, with all moves until then, there and back. */
  moved(moves: number): void;
}

export interface Raised {
  stop: RedlineStop;
  /** There and back. */
  moves: number;
}

/** The next step is to end at this share of the limit at most: a prediction of one step ahead is off by a few per cent. */
const nearest = 0.98;
/** Live traffic of the whole cluster that falls further below that of the step before makes a step void. */
const leastOfBefore = 0.95;
/** Of the plan, which has watched for a few seconds only: less is other traffic than was planned with. */
const leastOfPlanned = 0.5;
/** So does that of the broker; its partitions vary more than the cluster. */
const leastOfPredicted = 0.85;
const mostRepeats = 3;

/**
 * @returns why it ended; the layout is as the last step left it
 * @throws AppError as the lease is lost, or the controller refuses; the signal's reason
 */
export async function raiseLoad(parts: RaiseParts): Promise<Raised> {
  const { setting, recorder, originals, tools, tell } = parts;
  const { driver, cluster, stepShare, holdSeconds, maxMoves, policy } = setting;
  const { id, name } = driver.broker;
  const { moves: movesText, exhausted } = redlineTerms[cluster.broker];
  const watch = createStepWatch({ ...parts, broker: name, policy });
  let movesLeft = maxMoves;
  let repeats = 0;
  let planned: RedlineStep | undefined;
  /** Messages per second of the cluster, of each step that was held, and of the last one that counts. */
  const totals: number[] = [];
  let totalBefore = 0;
  const begins: LiveReading[] = [];
  const ended = (stop: RedlineStop): Raised => ({ stop, moves: maxMoves - movesLeft });

  await followed(undefined);
  for (let step = 0; ; step += 1) {
    watch.expect(recorder.latest());
    const held = await hold(step, holdSeconds);
    begins.push(held.from);
    const averaged = held.to.loadSince(begins.at(-driver.averagedSteps) ?? held.from);
    const now = held.to.loadSince(held.from);
    const ledTps = now.ledTps[id] ?? 0;
    const total = now.clusterTps;
    const predictedTps = planned?.ledTps ?? ledTps;
    const names = [...(planned?.names ?? [])];
    const close = (discarded?: string) => {
      const line = { step, partitions: names, predictedTps, ...(discarded !== undefined && { discarded }) };
      recorder.write({ kind: 'step-ended', elapsedSeconds: recorder.elapsed(), step });
      recorder.write({ kind: 'redline-step', elapsedSeconds: recorder.elapsed(), ...line });
    };
    if (held.interruption !== undefined) {
      close();
      return ended(held.interruption);
    }
    const isFirst = totalBefore === 0;
    const usual = isFirst ? parts.clusterTps : usualTraffic(totals, totalBefore);
    const hasDropped = total < (isFirst ? leastOfPlanned : leastOfBefore) * usual;
    totals.push(total);
    if (hasDropped || ledTps < leastOfPredicted * predictedTps) {
      const reason = hasDropped
        ? `traffic of the cluster fell from ${rateText(usual)} to ${rateText(total)}`
        : `broker ${name} got ${rateText(ledTps)} instead of the expected ${rateText(predictedTps)}`;
      close(reason);
      tell(`step ${step} does not count: ${reason}`);
      repeats += 1;
      if (repeats >= mostRepeats) {
        const message = `${repeats} steps in a row did not count, the last because ${reason}`;
        return ended({ code: 'traffic-dropped', message });
      }
      continue;
    }
    repeats = 0;
    totalBefore = total;
    await recorder.flush();
    const uses = await parts.measure();
    tell(`step ${step}: broker ${name} gets ${rateText(ledTps)}${useText(uses, ledTps)}`);
    const limit = firstLimit(uses);
    const found = averaged.among(originals).next({
      stepShare,
      movesLeft,
      ...(limit !== undefined && { mostTps: nearest * limit.tps }),
    });
    if (found.kind === 'end') {
      const missing = policy.confirmationSeconds.value - holdSeconds;
      const isBeyond = limit?.tps === 0;
      const longer = missing > 0 && !isBeyond ? await holdOn(missing) : undefined;
      close();
      return ended(longer ?? endOf(found, uses, ledTps));
    }
    close();
    planned = found.step;
    movesLeft -= planned.moves;
    await tools.check();
    parts.moved(maxMoves - movesLeft);
    tell(`step ${step + 1}: ${planned.text}`);
    await planned.take(tools);
    const failed = await followed({
      before: share(ledTps, total),
      after: share(planned.ledTps, averaged.clusterTps),
      ledTps: planned.ledTps,
    });
    if (failed !== undefined) return ended(interrupted(failed));
  }

  async function hold(step: number, duration: number) {
    const from = recorder.latest();
    const begun = recorder.elapsed();
    recorder.write({ kind: 'step-started', elapsedSeconds: begun, step, durationSeconds: duration });
    const interruption = await holdFor(begun, duration, `step ${step}`);
    return { from, to: recorder.latest(), interruption };
  }

  async function holdOn(duration: number): Promise<RedlineStop | undefined> {
    tell(`the last step is held for the confirmation time, ${Math.round(duration)} s more`);
    return holdFor(recorder.elapsed(), duration, 'last step');
  }

  async function holdFor(begun: number, duration: number, name: string): Promise<RedlineStop | undefined> {
    for (;;) {
      const found = watch.look(await next(), begun);
      if (found !== undefined) return interrupted(found);
      const left = duration - (recorder.elapsed() - begun);
      parts.progress(`${name}: ${Math.max(0, Math.ceil(left))} s left`);
      if (left > 0) continue;
      const growing = watch.growingLag(begun);
      return growing && interrupted(growing);
    }
  }

  function interrupted({ code, message, input, value, limit }: Interruption): RedlineStop {
    recorder.write({
      kind: 'guard',
      elapsedSeconds: recorder.elapsed(),
      input: input ?? code,
      reason: message,
      ...(value !== undefined && { value }),
      ...(limit !== undefined && { limit }),
      ends: 'run',
    });
    return { code, message };
  }

  async function followed(expected: ExpectedShare | undefined): Promise<Interruption | undefined> {
    if (expected !== undefined) {
      // The next reading may have begun before the step was made.
      await next();
      watch.expect(await next());
    }
    return awaitTraffic(
      { driver, next, elapsed: recorder.elapsed, look: watch.look, progress: parts.progress },
      expected,
    );
  }

  async function next(): Promise<LiveReading> {
    const reading = await recorder.next();
    tools.signal.throwIfAborted();
    await tools.check();
    return reading;
  }

  function endOf({ end }: Extract<NextStep, { kind: 'end' }>, uses: readonly MeasuredUse[], rate: number): RedlineStop {
    if (end === 'budget') return { code: end, message: `the budget of ${movesText} (--max-moves) is used up` };
    if (end === 'no-partitions') return { code: end, message: exhausted };
    const limit = firstLimit(uses);
    if (limit === undefined) return { code: 'limit', message: 'the limit is reached' };
    const { resource, node, policyLimit } = limit.limit;
    const beyond = limit.tps === 0;
    const what = beyond ? 'is beyond' : 'would pass';
    return {
      code: 'limit',
      message: `${resource} of ${node} ${what} its policy limit of ${percentText(policyLimit)}${beyond ? '' : ` at ${rateText(limit.tps)}, with ${rateText(rate)} now`}`,
    };
  }
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
