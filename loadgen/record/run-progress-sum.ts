// Sums journal lines by step, for a live run and for one read from disk.

import type { Calibration } from '../../core/documents/generator-calibration.ts';
import type { JournalLine } from '../../core/documents/run-bundle.ts';
import { createErrorCount } from './error-count.ts';
import { countExtraReads, type ExtraReads } from './extra-reads.ts';
import { createStepLocator, type IntervalLine } from './step-locator.ts';
import {
  createStepSum,
  type IntervalSummary,
  type StepTarget,
  type StepSum,
  type StepSummary,
} from './step-summary.ts';

export type RunProgressSum = ReturnType<typeof createRunProgressSum>;

interface Step {
  /** Lag at the last report of the step; absent without groups. */
  lagMessages?: number;
  /** Largest clock error of the step; absent while every worker uses the coordinator's clock. */
  clockErrorSeconds?: number;
  /** For a step with complete reports, only the summary is kept, because a run of one month has many steps. */
  sum: Pick<StepSum, 'summary'> & Partial<StepSum>;
}

/** A lagging group that has read nothing for this long will read nothing more: members report every second. */
const stillReadSeconds = 10;

/**
 * @param groups groups with consumption that counts as lag
 * @param calibration calibration of the load generator, used to judge its steps
 */
export function createRunProgressSum(groups: readonly string[], calibration?: Calibration) {
  const places = createStepLocator();
  const steps: Step[] = [];
  const produced = { intended: 0, acknowledged: 0, ended: 0 };
  /** Messages sent and not yet answered, by worker. */
  const unanswered = new Map<string, number>();
  /** By group, from earlier trials: `left` is still unread, `ahead` was read before its reported acknowledgement. */
  const lag = {
    fromSeconds: 0,
    acknowledged: 0,
    left: new Map<string, number>(),
    ahead: new Map<string, number>(),
    consumed: new Map<string, number>(),
    extra: new Map<string, ExtraReads>(),
  };
  /** Second that is being reported. */
  let second = 0;
  /** Time of the last read by group, in seconds of the run. */
  const consumedUntil = new Map<string, number>();
  let isTrialOver = false;
  let passedStep: number | undefined;
  /** Time of the last report by worker, in seconds of the run. */
  const producedUntil = new Map<string, number>();
  const lost = new Set<string>();
  /** Clock error of each worker on another machine, by worker name. */
  const clockErrors = new Map<string, number>();
  const errors = createErrorCount();
  let interval = createStepSum({});
  /** Workers that reported since the last call of takeInterval. */
  const reporting = new Set<string>();

  const stepAt = (moment: number): Step | undefined => steps[places.stepAt(moment)?.index ?? -1];
  const acknowledgedFor = (group: string) => (lag.left.get(group) ?? 0) + lag.acknowledged;
  /** Negative if a group read messages before their acknowledgement was reported, or read some twice just now. */
  const unclampedLags = () =>
    [...lag.consumed].map(([group, messages]) => {
      const extra = lag.extra.get(group)?.messages ?? 0;
      return [group, acknowledgedFor(group) + extra - messages] as const;
    });
  const lags = () => new Map(unclampedLags().map(([group, messages]) => [group, Math.max(0, messages)]));
  const lagMessages = () => Math.max(0, ...lags().values());
  const summaryOf = ({ sum, lagMessages, clockErrorSeconds }: Step): StepSummary => {
    const summary = sum.summary();
    return {
      ...summary,
      ...(summary.endToEndSeconds && clockErrorSeconds !== undefined && { endToEndErrorSeconds: clockErrorSeconds }),
      ...(lagMessages !== undefined && { lagMessages }),
    };
  };

  /** Adds the errors of sender and receiver: one worker's clock stamps a message, another's clock times its arrival. */
  function noteClocks(step: Step | undefined): void {
    if (step === undefined || clockErrors.size === 0) return;
    const errors = [...clockErrors];
    const [sent, received] = [false, true].map((consumes) =>
      Math.max(0, ...errors.flatMap(([worker, error]) => (worker.startsWith('consumer-') === consumes ? [error] : []))),
    );
    step.clockErrorSeconds = Math.max(step.clockErrorSeconds ?? 0, (sent ?? 0) + (received ?? 0));
  }

  function countLagFrom(
    fromSeconds: number,
    before: readonly (readonly [group: string, messages: number])[] = [],
  ): void {
    Object.assign(lag, {
      fromSeconds,
      acknowledged: 0,
      left: new Map(before.map(([group, messages]) => [group, Math.max(0, messages)])),
      ahead: new Map(before.map(([group, messages]) => [group, Math.max(0, -messages)])),
      consumed: new Map(groups.map((group) => [group, 0])),
      extra: new Map(groups.map((group) => [group, countExtraReads()])),
    });
    isTrialOver = false;
  }
  /**
   * @returns the lag of groups that still read at that moment; messages that a group has not read by then will not
   * arrive
   */
  const readUntil = (moment: number) =>
    unclampedLags().filter(([group]) => moment - (consumedUntil.get(group) ?? -Infinity) < stillReadSeconds);

  /**
   * Reports of the time before the trial may arrive after it began: their messages are neither lost nor lag of the
   * trial.
   */
  function acknowledgedBefore(messages: number): void {
    for (const [group, left] of lag.left) {
      const ahead = lag.ahead.get(group) ?? 0;
      const read = Math.min(ahead, messages);
      lag.ahead.set(group, ahead - read);
      lag.left.set(group, left + messages - read);
    }
  }
  function consumedBefore(group: string, messages: number): void {
    const left = lag.left.get(group);
    if (left !== undefined) lag.left.set(group, Math.max(0, left - messages));
  }
  /** Ends a second when the first report of the next one arrives. */
  function endSecondBefore(line: IntervalLine): void {
    const at = Math.floor(middleOf(line));
    if (at <= second) return;
    second = at;
    const open = unanswered.values().reduce((sum, messages) => sum + messages, 0);
    for (const [group, extra] of lag.extra) {
      extra.endSecond(lag.consumed.get(group) ?? 0, acknowledgedFor(group) + open);
    }
  }
  countLagFrom(0);

  function add(line: JournalLine): void {
    places.add(line);
    if (line.kind === 'produced' || line.kind === 'consumed') endSecondBefore(line);
    switch (line.kind) {
      case 'step-started':
        freeze(steps.at(-2));
        steps[line.step] = { sum: createStepSum(line, calibration) };
        noteClocks(steps.at(-1));
        // Losses and duplicates of an earlier trial must not affect this one. Workers report when a trial begins.
        if (isTrialOver) countLagFrom(line.elapsedSeconds, readUntil(line.elapsedSeconds));
        return;
      case 'clock-offset':
        clockErrors.set(line.worker, line.errorSeconds);
        return noteClocks(stepAt(line.elapsedSeconds));
      case 'produced':
        reporting.add(line.worker);
        producedUntil.set(line.worker, line.elapsedSeconds);
        produced.intended += line.intended;
        unanswered.set(line.worker, (unanswered.get(line.worker) ?? 0) + line.sent - line.acknowledged - line.failed);
        produced.acknowledged += line.acknowledged;
        produced.ended += line.acknowledged + line.failed + (line.dropped ?? 0);
        if (middleOf(line) >= lag.fromSeconds) lag.acknowledged += line.acknowledged;
        else acknowledgedBefore(line.acknowledged);
        return addInterval(line);
      case 'consumed':
        if (line.messages > 0) consumedUntil.set(line.group, line.elapsedSeconds);
        // A busy worker may report reads of the new trial slightly late; ignoring them would leave lag that never ends.
        if (line.elapsedSeconds > lag.fromSeconds) {
          lag.consumed.set(line.group, (lag.consumed.get(line.group) ?? 0) + line.messages);
        } else consumedBefore(line.group, line.messages);
        return addInterval(line);
      case 'trial':
        isTrialOver = true;
        if (line.outcome.kind === 'passed') passedStep = line.step;
        return;
      case 'error':
        return errors.add(line);
      case 'worker-lost':
        lost.add(line.worker);
        unanswered.delete(line.worker);
        // The loss is noticed after seconds of silence, perhaps one step after the step that lacks the messages.
        for (const moment of [producedUntil.get(line.worker) ?? line.elapsedSeconds, line.elapsedSeconds]) {
          stepAt(moment)?.sum.add?.(line);
        }
        return;
      case 'background':
        stepAt(middleOf(line))?.sum.add?.(line);
        return;
      case 'resumed':
        // Do not wait for messages that the previous attempt left open.
        Object.assign(produced, { intended: 0, acknowledged: 0, ended: 0 });
        unanswered.clear();
        countLagFrom(0);
        second = 0;
        clockErrors.clear();
        producedUntil.clear();
        lost.clear();
        steps.length = places.begun();
        return;
      default:
    }
  }

  function addInterval(line: IntervalLine): void {
    interval.add(line);
    const step = stepAt(middleOf(line));
    if (step === undefined) return;
    step.sum.add?.(line);
    if (groups.length > 0) step.lagMessages = lagMessages();
  }

  return {
    add,
    /** @returns the step in progress at this moment; undefined between steps */
    stepAt(elapsedSeconds: number): { index: number; target: StepTarget } | undefined {
      const step = places.stepAt(elapsedSeconds);
      return step && { index: step.index, target: step };
    },
    /**
     * Returns a summary since the last call, without a rate if a producer did not report: the rate of the others would
     * look like a dip.
     *
     * @param producers names of all producers
     */
    takeInterval({ targetTps }: StepTarget, producers: readonly string[]): IntervalSummary {
      const { achievedTps, ...last } = interval.summary();
      const isComplete = producers.every((worker) => reporting.has(worker) || lost.has(worker));
      const taken = { ...last, ...(isComplete && { achievedTps }), ...(targetTps !== undefined && { targetTps }) };
      interval = createStepSum({});
      reporting.clear();
      return taken;
    },
    /** @param index counted from 0 */
    step: (index: number): StepSummary =>
      steps[index] === undefined ? createStepSum({}).summary() : summaryOf(steps[index]),
    /** Summaries of all steps that have begun. */
    steps: (): StepSummary[] => steps.map(summaryOf),
    /** Messages that are due and neither acknowledged, failed nor given up. */
    backlogMessages: (): number => Math.max(0, produced.intended - produced.ended),
    /**
     * Messages acknowledged and not yet consumed, by group: since the attempt began and, in a search, since the last
     * trial.
     */
    lags,
    /** Lag of the slowest group; 0 without groups. */
    lagMessages,
    acknowledgedMessages: (): number => produced.acknowledged,
    /** For a search: step of the last trial that passed, counted from 0. */
    passedStep: (): number | undefined => passedStep,
    /** Why messages were not sent or not acknowledged, the most frequent reason first. */
    failures: errors.all,
  };
}

function freeze(step: Step | undefined): void {
  if (step?.sum.add === undefined) return;
  const summary = step.sum.summary();
  step.sum = { summary: () => summary };
}

const middleOf = ({ elapsedSeconds, intervalSeconds }: { elapsedSeconds: number; intervalSeconds: number }) =>
  elapsedSeconds - intervalSeconds / 2;
