// Raises the load of one broker step by step, holds each step, and stops at the first limit or when something else changes.

import type { RedlineStop } from '../../core/documents/redline.ts';
import { AppError } from '../../core/errors.ts';
import { percentText, rateText } from '../../core/text/quantity-text.ts';
import { partitionKey } from '../../ops/kafka/live/broker-load.ts';
import { takeLeadership, type LeadTools, type OriginalPartition } from '../../ops/kafka/redline/lead.ts';
import { firstLimit, predictedUse, type MeasuredUse } from '../../ops/kafka/redline/next-limit.ts';
import {
  ledBy,
  movesOfPartition,
  nextRedlineStep,
  type NextStep,
  type RedlinePartition,
  type RedlineStep,
} from '../../ops/kafka/redline/plan-redline.ts';
import { createStepWatch, type Interruption, type StepWatchParts } from './step-watch.ts';
import { partitionsBetween, usualTraffic, type LiveReading, type TopicFilter } from './live-traffic.ts';
import type { LiveRecorder } from './record-live.ts';
import type { RedlineSetting } from './redline-request.ts';

export interface RaiseParts extends Omit<StepWatchParts, 'recorder' | 'broker' | 'policy'> {
  setting: RedlineSetting;
  recorder: LiveRecorder;
  lead: LeadTools;
  only: TopicFilter;
  originals: readonly OriginalPartition[];
  measure(): Promise<readonly MeasuredUse[]>;
  tell(line: string): void;
  progress(line: string): void;
  /** Called before leaders move, with all moves until then, there and back. */
  moved(moves: number): void;
}

export interface Raised {
  stop: RedlineStop;
  /** Leader moves, there and back. */
  moves: number;
}

/** The next step is to end at this share of the limit at most: a prediction of one step ahead is off by a few per cent. */
const nearest = 0.98;
/** Live traffic of the whole cluster that falls further below that of the step before makes a step void. */
const leastOfBefore = 0.95;
/** So does that of the partitions which the broker leads; single partitions vary more than the cluster. */
const leastOfPredicted = 0.85;
/** Steps over which the rate of a partition is averaged to choose those that move. */
const averagedSteps = 3;
const mostRepeats = 3;
/** Producers find the new leaders within their first retries; before step 0, connections are opened. */
const settleSeconds = 3;

/**
 * @returns why it ended; leaders are as the last step left them
 * @throws AppError as the lease is lost, or the controller refuses; the signal's reason
 */
export async function raiseLoad(parts: RaiseParts): Promise<Raised> {
  const { setting, recorder, only, originals, lead, tell } = parts;
  const { broker, stepShare, holdSeconds, maxMoves, policy } = setting;
  const byKey = new Map(originals.map((each) => [partitionKey(each), each]));
  const watch = createStepWatch({ ...parts, broker, policy });
  let movesLeft = maxMoves;
  let repeats = 0;
  let planned: RedlineStep | undefined;
  /** Messages per second of the cluster, of each step that was held, and of the last one that counts. */
  const totals: number[] = [];
  let totalBefore = 0;
  const begins: LiveReading[] = [];
  const ended = (stop: RedlineStop): Raised => ({ stop, moves: maxMoves - movesLeft });

  await settled();
  for (let step = 0; ; step += 1) {
    watch.expect(recorder.latest());
    const held = await hold(step, holdSeconds);
    begins.push(held.from);
    const partitions = partitionsBetween(begins.at(-averagedSteps) ?? (begins[0] as LiveReading), held.to, only);
    const now = partitionsBetween(held.from, held.to, only);
    const ledTps = ledBy(now, broker);
    const total = now.reduce((sum, each) => sum + each.messagesPerSecond, 0);
    const predictedTps = planned?.ledTps ?? ledTps;
    const names = (planned?.moves ?? []).map(partitionKey);
    const close = (discarded?: string) => {
      const line = { step, partitions: names, predictedTps, ...(discarded !== undefined && { discarded }) };
      recorder.write({ kind: 'step-ended', elapsedSeconds: recorder.elapsed(), step });
      recorder.write({ kind: 'redline-step', elapsedSeconds: recorder.elapsed(), ...line });
    };
    if (held.interruption !== undefined) {
      close();
      return ended(held.interruption);
    }
    const usual = usualTraffic(totals, totalBefore);
    totals.push(total);
    if (total < leastOfBefore * usual || ledTps < leastOfPredicted * predictedTps) {
      const reason =
        total < leastOfBefore * usual
          ? `traffic of the cluster fell from ${rateText(usual)} to ${rateText(total)}`
          : `its partitions got ${rateText(ledTps)}, where ${rateText(predictedTps)} were expected`;
      close(reason);
      tell(`step ${step} does not count: ${reason}`);
      repeats += 1;
      if (repeats >= mostRepeats) return ended({ code: 'traffic-dropped', message: `${reason}, ${repeats} times` });
      continue;
    }
    repeats = 0;
    totalBefore = total;
    await recorder.flush();
    const uses = await parts.measure();
    tell(`step ${step}: broker ${broker} leads ${rateText(ledTps)}${useText(uses, ledTps)}`);
    const limit = firstLimit(uses);
    const next = nextRedlineStep({
      broker,
      partitions: partitions.filter((each) => each.leader === broker || byKey.has(partitionKey(each))),
      stepShare,
      movesLeft,
      ...(limit !== undefined && { mostTps: nearest * limit.tps }),
    });
    if (next.kind === 'end') {
      const missing = policy.confirmationSeconds.value - holdSeconds;
      const isBeyond = limit?.tps === 0;
      const longer = missing > 0 && !isBeyond ? await holdOn(missing) : undefined;
      close();
      return ended(longer ?? endOf(next, uses, ledTps));
    }
    close();
    planned = next.step;
    movesLeft -= movesOfPartition * planned.moves.length;
    await lead.check();
    parts.moved(maxMoves - movesLeft);
    tell(`step ${step + 1}: ${stepText(planned)}`);
    await takeLeadership(
      lead,
      broker,
      planned.moves.flatMap((each) => byKey.get(partitionKey(each)) ?? []),
    );
    await settled();
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
      const reading = await recorder.next();
      lead.signal.throwIfAborted();
      await lead.check();
      const found = watch.look(reading, begun);
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

  /** A few seconds, and one reading with the new leaders. */
  async function settled(): Promise<void> {
    const begun = recorder.elapsed();
    do {
      await recorder.next();
      await lead.check();
    } while (recorder.elapsed() - begun < settleSeconds);
  }
}

function endOf({ end }: Extract<NextStep, { kind: 'end' }>, uses: readonly MeasuredUse[], ledTps: number): RedlineStop {
  switch (end) {
    case 'budget':
      return { code: 'budget', message: 'the budget of leader moves (--max-moves) is used up' };
    case 'no-partitions':
      return { code: 'no-partitions', message: 'the broker leads every partition that it can lead without copying' };
    case 'limit': {
      const limit = firstLimit(uses);
      if (limit === undefined) return { code: 'limit', message: 'the limit is reached' };
      const { resource, node, policyLimit } = limit.limit;
      const beyond = limit.tps === 0;
      const what = beyond ? 'is beyond' : 'would pass';
      return {
        code: 'limit',
        message: `${resource} of ${node} ${what} its policy limit of ${percentText(policyLimit)}${beyond ? '' : ` at ${rateText(limit.tps)}, with ${rateText(ledTps)} now`}`,
      };
    }
  }
}

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

function stepText({ moves, ledTps }: { moves: readonly RedlinePartition[]; ledTps: number }): string {
  const names = moves.slice(0, 3).map(partitionKey).join(', ');
  const more = moves.length > 3 ? ` and ${moves.length - 3} more` : '';
  return `the leader of ${names}${more} moves, ${rateText(ledTps)} are expected`;
}

export function faultStop(cause: unknown): RedlineStop | undefined {
  if (!(cause instanceof AppError) || cause.code === 'lease-lost' || cause.code === 'change-under-way')
    return undefined;
  return { code: 'unreadable', message: cause.message };
}
