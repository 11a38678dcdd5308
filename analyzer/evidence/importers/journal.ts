// Folds the journal of a run line by line, and rejects lines that no run can have written.

import { AppError, orFault } from '../../../core/errors.ts';
import { decodeCounts, type SparseCounts } from '../../../core/statistics/latency-counts.ts';
import type { JournalLine } from '../../../core/documents/run-bundle.ts';
import type { Consumed, LoadTestDocument, LoadTestRun, Produced, RecordedStep, Span } from '../load-test-run.ts';
import { backgroundFindings, EventFold, endFindings, ClientErrors } from './run-events.ts';
import { consumedOf, producedOf, type ConsumedLine, type ProducedLine } from './journal-intervals.ts';
import { LatencyCourse, StepLatencies, type Measure } from './step-latencies.ts';
import { plannedLoad } from './planned-load.ts';
import { settledWindow, within } from '../../verdict/steps/settled-window.ts';

/** Threads report to one writer, and steps are written at their planned moment, so lines may be out of order on a stalled host. */
const disorderSeconds = 10;
/** An interval begins where the last one of its worker ended, within a timer tick. */
const overlapSeconds = 0.5;
/** A worker reports every second: without a report for longer, it sent nothing. */
const reportSeconds = 1.5;

type StepBeingRead = Omit<RecordedStep, 'to' | 'cutOff' | 'latencyCourse'> & {
  to: number | undefined;
  /** Time at which the load was reduced, although the step may have continued. */
  cutAt: number | undefined;
  latencies: StepLatencies;
  course: LatencyCourse;
};

/** Counts of a worker without reports. */
const noCounts = () => ({ to: Number.NEGATIVE_INFINITY, intended: 0, sent: 0, acknowledged: 0, failed: 0 });

/** @param isLive true for live traffic: messages are counted by offsets, and latencies are those of a canary */
export function foldJournal(
  file: string,
  document: LoadTestDocument,
  { settleSeconds, isLive }: { settleSeconds: number; isLive: boolean },
) {
  const steps: StepBeingRead[] = [];
  const produced: Produced[] = [];
  const consumed: Consumed[] = [];
  const errors = new ClientErrors();
  const workers = new Map<string, ReturnType<typeof noCounts>>();
  const happened = new EventFold();
  let acknowledged = 0;
  let runEnd: Extract<JournalLine, { kind: 'run-ended' }> | undefined;
  let number = 0;
  let latest = 0;
  /** End of the last interval with due or unanswered messages: after Ctrl-C, a run reports for some seconds without load. */
  let loadUntil = 0;

  function refuse(what: string): never {
    throw new AppError('run-edited', `${file}:${number} contradicts the rest of the run: ${what}`);
  }

  /** @throws AppError run-edited if the line contradicts earlier lines or run.json */
  function add(lineNumber: number, line: JournalLine): void {
    number = lineNumber;
    if (runEnd && line.kind !== 'resumed') refuse('it comes after the end of the run');
    if (line.elapsedSeconds < latest - disorderSeconds) {
      refuse(`its time ${line.elapsedSeconds} s lies before ${latest} s, which was written earlier`);
    }
    latest = Math.max(latest, line.elapsedSeconds);
    happened.add(line);
    switch (line.kind) {
      case 'step-started':
        return startStep(line);
      case 'step-ended':
        return endStep(line);
      case 'produced':
        return addProduced(line);
      case 'consumed':
        return addConsumed(line);
      case 'error':
        return errors.add(line);
      case 'run-ended':
        runEnd = line;
        return;
      case 'resumed':
        return resume();
      case 'guard': {
        // After this the load is reduced, so the step is judged by the time before.
        const step = steps.at(-1);
        if (step && step.to === undefined) step.cutAt ??= line.elapsedSeconds;
        return;
      }
      case 'worker-lost':
        return loseWorker(line);
      case 'trial': {
        const step = steps[line.step];
        if (step?.targetTps === line.targetTps && line.outcome.kind === 'excluded') step.isExcluded = true;
        return;
      }
      case 'redline-step': {
        const step = steps[line.step];
        if (step && line.discarded !== undefined) step.isDiscarded = true;
        return;
      }
      case 'warm-up-started':
      case 'settled':
      case 'background':
      case 'clock-offset':
      case 'log-offsets':
        return;
    }
  }

  function startStep(line: Extract<JournalLine, { kind: 'step-started' }>): void {
    const planned = plannedStep(line);
    if (planned === undefined) return refuse(`step ${line.step} is not among the ${document.steps.length} of run.json`);
    if (line.step !== steps.length) return refuse(`step ${line.step} follows step ${steps.length - 1}`);
    const [plannedTps, recordedTps] = [planned.targetTps ?? 0, line.targetTps ?? 0];
    if (Math.abs(recordedTps - plannedTps) > 1e-6 * plannedTps) {
      return refuse(`step ${line.step} is for ${recordedTps} msg/s, in run.json for ${plannedTps}`);
    }
    const previous = steps.at(-1);
    if (previous) {
      previous.to ??= line.elapsedSeconds;
      if (line.elapsedSeconds < previous.to)
        return refuse(`step ${line.step} begins before step ${previous.index} ended`);
    }
    steps.push({
      index: line.step,
      ...(line.targetTps !== undefined && { targetTps: line.targetTps }),
      ...(line.lanes !== undefined && { lanes: line.lanes }),
      plannedSeconds: planned.durationSeconds,
      from: line.elapsedSeconds,
      to: undefined,
      cutAt: undefined,
      course: new LatencyCourse(),
      latencies: new StepLatencies(
        line.elapsedSeconds + settleSeconds,
        Math.max(0, planned.durationSeconds - settleSeconds),
      ),
    });
  }

  /** run.json plans the steps of a profile; a search plans each step when it starts. */
  function plannedStep(line: Extract<JournalLine, { kind: 'step-started' }>) {
    const { steps } = document;
    if (steps.length > 0) return steps[line.step];
    const { targetTps, durationSeconds } = line;
    return durationSeconds === undefined ? undefined : { targetTps, durationSeconds };
  }

  /** The interrupted step is repeated, by workers whose counters restart at 0. */
  function resume(): void {
    if (steps.at(-1)?.to === undefined) steps.pop();
    workers.clear();
    runEnd = undefined;
  }

  /** A loss is detected seconds after the last message, perhaps in the next step, which is complete if it has not settled yet. */
  function loseWorker({ worker, share, elapsedSeconds }: Extract<JournalLine, { kind: 'worker-lost' }>): void {
    const lastSent = workers.get(`produced ${worker}`)?.to ?? elapsedSeconds;
    for (const step of steps.slice(-2)) {
      const isShort =
        step.to === undefined
          ? share === 'invalid' || elapsedSeconds > step.from + settleSeconds
          : step.to - lastSent > reportSeconds;
      if (isShort && step.lostWorker !== 'invalid') step.lostWorker = share;
    }
  }

  function endStep(line: Extract<JournalLine, { kind: 'step-ended' }>): void {
    const step = steps[line.step];
    if (step === undefined || step.to !== undefined) return refuse(`step ${line.step} ends without having begun`);
    if (line.elapsedSeconds < step.from) return refuse(`step ${line.step} ends before it begins`);
    step.to = line.elapsedSeconds;
  }

  function addProduced(line: ProducedLine): void {
    const span = follow(`produced ${line.worker}`, line);
    const interval = producedOf(line);
    const { worker: name, sent } = line;
    span.intended += line.intended;
    span.sent += sent;
    span.acknowledged += line.acknowledged;
    span.failed += interval.failed;
    acknowledged += line.acknowledged;
    // In a closed loop no messages are due while none are acknowledged.
    const isUnderLoad = line.intended > 0 || span.sent > span.acknowledged + span.failed;
    if (isUnderLoad) loadUntil = Math.max(loadUntil, line.elapsedSeconds);
    if (span.sent > span.intended) refuse(`worker ${name} sent ${span.sent} of ${span.intended} intended messages`);
    if (span.acknowledged > span.sent) {
      refuse(`worker ${name} had ${span.acknowledged} of ${span.sent} sent messages acknowledged`);
    }
    if (span.acknowledged + span.failed > span.intended) {
      refuse(
        `worker ${name} knows the end of ${span.acknowledged + span.failed} of ${span.intended} intended messages`,
      );
    }
    produced.push(interval);
    const step = stepOf(line);
    if (step) {
      const merge = (measure: Measure, text: string, messages: number) => {
        const counts = decoded(text, messages);
        step.latencies.sumAt(middleOf(line), measure).addCounts(counts);
        return counts;
      };
      step.course.add(interval, merge('latency', line.latency, line.acknowledged));
      if (line.service !== undefined) merge('service', line.service, line.acknowledged);
      merge('sendDelay', line.sendDelay, sent);
    }
  }

  function addConsumed(line: ConsumedLine): void {
    follow(`consumed ${line.worker} ${line.group}`, line);
    const { messages } = line;
    consumed.push(consumedOf(line));
    const step = stepOf(line);
    if (!step) return;
    const counts = decoded(line.endToEnd, messages);
    step.latencies.sumAt(middleOf(line), `endToEnd ${line.group}`).addCounts(counts);
  }

  function follow(key: string, line: ProducedLine | ConsumedLine) {
    const span = workers.get(key) ?? noCounts();
    const from = line.elapsedSeconds - line.intervalSeconds;
    if (line.elapsedSeconds <= span.to || from < span.to - overlapSeconds) {
      refuse(`worker ${line.worker} counts the same time twice`);
    }
    if (Number.isFinite(span.to) && from > span.to + overlapSeconds) {
      refuse(`worker ${line.worker} has no data from ${span.to.toFixed(1)} s to ${from.toFixed(1)} s`);
    }
    span.to = line.elapsedSeconds;
    workers.set(key, span);
    return span;
  }

  /** One sample per message: a counter without matching samples was edited. */
  function decoded(text: string, messages: number): SparseCounts {
    const place = `cannot read ${file}:${number}`;
    const counts = orFault(() => decodeCounts(text), 'run-unreadable', `${place}: the histogram is no HdrHistogram V2`);
    if (counts.total !== messages && !isLive)
      refuse(`a histogram of ${counts.total} samples stands beside ${messages} messages`);
    return counts;
  }

  /**
   * The settled step that contains the middle of the interval: one of the last two, since lines are out of order by at
   * most one flush.
   */
  function stepOf(line: ProducedLine | ConsumedLine): StepBeingRead | undefined {
    const middle = middleOf(line);
    return steps.slice(-2).find((step) => middle >= step.from + settleSeconds && middle < endOf(step));
  }

  function finish(): Pick<
    LoadTestRun,
    'steps' | 'produced' | 'consumed' | 'status' | 'durationSeconds' | 'events' | 'findings'
  > {
    const status = runEnd?.status ?? 'interrupted';
    const { events } = happened;
    const { stopped, isCurve } = plannedLoad(document);
    const catchingUp = stopped.size === 0 ? [] : events.settled;
    return {
      steps: steps.map(({ to, cutAt, latencies, course, ...step }) => {
        const ended = endOf({ to, cutAt });
        const end = Number.isFinite(ended) ? ended : Math.max(step.from, loadUntil);
        const { window } = settledWindow(produced, { ...step, to: end }, settleSeconds);
        // A catch-up that ended before the step had settled does not affect it.
        const hasBacklog =
          stopped.has(step.index) ||
          catchingUp.some(
            (each) => each.elapsedSeconds - each.waitedSeconds < end && each.elapsedSeconds > window.from,
          );
        const cutOff = to === undefined || cutAt !== undefined;
        const planned = { ...(hasBacklog && { hasBacklog }), ...(isCurve && { isCurve }) };
        const latencyCourse = course.within(window);
        const measured = { ...latencies.within(window), ...(latencyCourse.length > 0 && { latencyCourse }) };
        // Live traffic has no target, so the stored rate is the target.
        const due = isLive && { targetTps: meanRate(produced, window) };
        return { ...step, to: end, cutOff, ...planned, ...measured, ...due };
      }),
      produced,
      consumed,
      status,
      durationSeconds: latest,
      events,
      findings: [
        ...endFindings(status, runEnd?.reason, latest),
        ...errors.findings(file),
        ...backgroundFindings(events.background),
      ],
    };
  }

  return {
    add,
    finish,
    /** Messages acknowledged in the whole run, including warm-up and settling. */
    acknowledged: () => acknowledged,
  };
}

function meanRate(produced: readonly Produced[], window: Span): number {
  const inside = within(produced, window);
  const seconds = inside.reduce((sum, { from, to }) => sum + to - from, 0);
  return seconds > 0 ? inside.reduce((sum, { acknowledged }) => sum + acknowledged, 0) / seconds : 0;
}

const middleOf = ({ elapsedSeconds, intervalSeconds }: ProducedLine | ConsumedLine) =>
  elapsedSeconds - intervalSeconds / 2;

/** Time after the load was reduced does not count. */
const endOf = ({ to, cutAt }: Pick<StepBeingRead, 'to' | 'cutAt'>) =>
  Math.min(to ?? Number.POSITIVE_INFINITY, cutAt ?? Number.POSITIVE_INFINITY);
