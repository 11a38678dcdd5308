// Folds the journal of a run line by line, and rejects lines that no run can have written.

import { AppError } from '../../../core/errors.ts';
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

export class JournalFold {
  readonly #file: string;
  readonly #document: LoadTestDocument;
  readonly #settleSeconds: number;
  readonly #isLive: boolean;
  readonly #steps: StepBeingRead[] = [];
  readonly #produced: Produced[] = [];
  readonly #consumed: Consumed[] = [];
  readonly #errors = new ClientErrors();
  readonly #workers = new Map<string, ReturnType<typeof noCounts>>();
  readonly #events = new EventFold();
  #acknowledged = 0;
  #end: Extract<JournalLine, { kind: 'run-ended' }> | undefined;
  #latest = 0;
  /** End of the last interval with due or unanswered messages: after Ctrl-C, a run reports for some seconds without load. */
  #loadUntil = 0;

  /** @param isLive true for live traffic: messages are counted by offsets, and latencies are those of a canary */
  constructor(
    file: string,
    document: LoadTestDocument,
    { settleSeconds, isLive }: { settleSeconds: number; isLive: boolean },
  ) {
    this.#file = file;
    this.#document = document;
    this.#settleSeconds = settleSeconds;
    this.#isLive = isLive;
  }

  /** @throws AppError run-edited if the line contradicts earlier lines or run.json */
  add(number: number, line: JournalLine): void {
    const refuse = (what: string): never => {
      throw new AppError('run-edited', `${this.#file}:${number} contradicts the rest of the run: ${what}`);
    };
    if (this.#end && line.kind !== 'resumed') refuse('it comes after the end of the run');
    if (line.elapsedSeconds < this.#latest - disorderSeconds) {
      refuse(`its time ${line.elapsedSeconds} s lies before ${this.#latest} s, which was written earlier`);
    }
    this.#latest = Math.max(this.#latest, line.elapsedSeconds);
    this.#events.add(line);
    switch (line.kind) {
      case 'step-started':
        return this.#startStep(line, refuse);
      case 'step-ended':
        return this.#endStep(line, refuse);
      case 'produced':
        return this.#addProduced(number, line, refuse);
      case 'consumed':
        return this.#addConsumed(number, line, refuse);
      case 'error':
        return this.#errors.add(line);
      case 'run-ended':
        this.#end = line;
        return;
      case 'resumed':
        return this.#resume();
      case 'guard': {
        // After this the load is reduced, so the step is judged by the time before.
        const step = this.#steps.at(-1);
        if (step && step.to === undefined) step.cutAt ??= line.elapsedSeconds;
        return;
      }
      case 'worker-lost':
        return this.#loseWorker(line);
      case 'trial': {
        const step = this.#steps[line.step];
        if (step?.targetTps === line.targetTps && line.outcome.kind === 'excluded') step.isExcluded = true;
        return;
      }
      case 'redline-step': {
        const step = this.#steps[line.step];
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

  #startStep(line: Extract<JournalLine, { kind: 'step-started' }>, refuse: (what: string) => never): void {
    const planned = this.#plannedStep(line);
    if (planned === undefined)
      return refuse(`step ${line.step} is not among the ${this.#document.steps.length} of run.json`);
    if (line.step !== this.#steps.length) return refuse(`step ${line.step} follows step ${this.#steps.length - 1}`);
    const [plannedTps, recordedTps] = [planned.targetTps ?? 0, line.targetTps ?? 0];
    if (Math.abs(recordedTps - plannedTps) > 1e-6 * plannedTps) {
      return refuse(`step ${line.step} is for ${recordedTps} msg/s, in run.json for ${plannedTps}`);
    }
    const previous = this.#steps.at(-1);
    if (previous) {
      previous.to ??= line.elapsedSeconds;
      if (line.elapsedSeconds < previous.to)
        return refuse(`step ${line.step} begins before step ${previous.index} ended`);
    }
    this.#steps.push({
      index: line.step,
      ...(line.targetTps !== undefined && { targetTps: line.targetTps }),
      ...(line.lanes !== undefined && { lanes: line.lanes }),
      plannedSeconds: planned.durationSeconds,
      from: line.elapsedSeconds,
      to: undefined,
      cutAt: undefined,
      course: new LatencyCourse(),
      latencies: new StepLatencies(
        line.elapsedSeconds + this.#settleSeconds,
        Math.max(0, planned.durationSeconds - this.#settleSeconds),
      ),
    });
  }

  /** run.json plans the steps of a profile; a search plans each step when it starts. */
  #plannedStep(line: Extract<JournalLine, { kind: 'step-started' }>) {
    const { steps } = this.#document;
    if (steps.length > 0) return steps[line.step];
    const { targetTps, durationSeconds } = line;
    return durationSeconds === undefined ? undefined : { targetTps, durationSeconds };
  }

  /** The interrupted step is repeated, by workers whose counters restart at 0. */
  #resume(): void {
    if (this.#steps.at(-1)?.to === undefined) this.#steps.pop();
    this.#workers.clear();
    this.#end = undefined;
  }

  /** A loss is detected seconds after the last message, perhaps in the next step, which is complete if it has not settled yet. */
  #loseWorker({ worker, share, elapsedSeconds }: Extract<JournalLine, { kind: 'worker-lost' }>): void {
    const lastSent = this.#workers.get(`produced ${worker}`)?.to ?? elapsedSeconds;
    for (const step of this.#steps.slice(-2)) {
      const isShort =
        step.to === undefined
          ? share === 'invalid' || elapsedSeconds > step.from + this.#settleSeconds
          : step.to - lastSent > reportSeconds;
      if (isShort && step.lostWorker !== 'invalid') step.lostWorker = share;
    }
  }

  #endStep(line: Extract<JournalLine, { kind: 'step-ended' }>, refuse: (what: string) => never): void {
    const step = this.#steps[line.step];
    if (step === undefined || step.to !== undefined) return refuse(`step ${line.step} ends without having begun`);
    if (line.elapsedSeconds < step.from) return refuse(`step ${line.step} ends before it begins`);
    step.to = line.elapsedSeconds;
  }

  #addProduced(number: number, line: ProducedLine, refuse: (what: string) => never): void {
    const span = this.#follow(`produced ${line.worker}`, line, refuse);
    const produced = producedOf(line);
    const { worker: name, sent, acknowledged } = line;
    span.intended += line.intended;
    span.sent += sent;
    span.acknowledged += acknowledged;
    span.failed += produced.failed;
    this.#acknowledged += acknowledged;
    // In a closed loop no messages are due while none are acknowledged.
    const isUnderLoad = line.intended > 0 || span.sent > span.acknowledged + span.failed;
    if (isUnderLoad) this.#loadUntil = Math.max(this.#loadUntil, line.elapsedSeconds);
    if (span.sent > span.intended) refuse(`worker ${name} sent ${span.sent} of ${span.intended} intended messages`);
    if (span.acknowledged > span.sent) {
      refuse(`worker ${name} had ${span.acknowledged} of ${span.sent} sent messages acknowledged`);
    }
    if (span.acknowledged + span.failed > span.intended) {
      refuse(
        `worker ${name} knows the end of ${span.acknowledged + span.failed} of ${span.intended} intended messages`,
      );
    }
    this.#produced.push(produced);
    const step = this.#stepOf(line);
    if (step) {
      const merge = (measure: Measure, text: string, messages: number) => {
        const counts = this.#decoded(number, text, messages, refuse);
        step.latencies.sumAt(middleOf(line), measure).addCounts(counts);
        return counts;
      };
      step.course.add(produced, merge('latency', line.latency, acknowledged));
      if (line.service !== undefined) merge('service', line.service, acknowledged);
      merge('sendDelay', line.sendDelay, sent);
    }
  }

  #addConsumed(number: number, line: ConsumedLine, refuse: (what: string) => never): void {
    this.#follow(`consumed ${line.worker} ${line.group}`, line, refuse);
    const { messages } = line;
    this.#consumed.push(consumedOf(line));
    const step = this.#stepOf(line);
    if (!step) return;
    const counts = this.#decoded(number, line.endToEnd, messages, refuse);
    step.latencies.sumAt(middleOf(line), `endToEnd ${line.group}`).addCounts(counts);
  }

  #follow(key: string, line: ProducedLine | ConsumedLine, refuse: (what: string) => never) {
    const span = this.#workers.get(key) ?? noCounts();
    const from = line.elapsedSeconds - line.intervalSeconds;
    if (line.elapsedSeconds <= span.to || from < span.to - overlapSeconds) {
      refuse(`worker ${line.worker} counts the same time twice`);
    }
    if (Number.isFinite(span.to) && from > span.to + overlapSeconds) {
      refuse(`worker ${line.worker} has no data from ${span.to.toFixed(1)} s to ${from.toFixed(1)} s`);
    }
    span.to = line.elapsedSeconds;
    this.#workers.set(key, span);
    return span;
  }

  /** One sample per message: a counter without matching samples was edited. */
  #decoded(number: number, text: string, messages: number, refuse: (what: string) => never): SparseCounts {
    let counts: SparseCounts;
    try {
      counts = decodeCounts(text);
    } catch (cause) {
      const why = cause instanceof Error ? cause.message : String(cause);
      throw new AppError(
        'run-unreadable',
        `cannot read ${this.#file}:${number}: the histogram is no HdrHistogram V2: ${why}`,
        { cause },
      );
    }
    if (counts.total !== messages && !this.#isLive)
      refuse(`a histogram of ${counts.total} samples stands beside ${messages} messages`);
    return counts;
  }

  /**
   * The settled step that contains the middle of the interval: one of the last two, since lines are out of order by at
   * most one flush.
   */
  #stepOf(line: ProducedLine | ConsumedLine): StepBeingRead | undefined {
    const middle = middleOf(line);
    return this.#steps.slice(-2).find((step) => middle >= step.from + this.#settleSeconds && middle < endOf(step));
  }

  /** Messages acknowledged in the whole run, including warm-up and settling. */
  get acknowledged(): number {
    return this.#acknowledged;
  }

  finish(): Pick<
    LoadTestRun,
    'steps' | 'produced' | 'consumed' | 'status' | 'durationSeconds' | 'events' | 'findings'
  > {
    const status = this.#end?.status ?? 'interrupted';
    const { events } = this.#events;
    const { stopped, isCurve } = plannedLoad(this.#document);
    const catchingUp = stopped.size === 0 ? [] : events.settled;
    return {
      steps: this.#steps.map(({ to, cutAt, latencies, course, ...step }) => {
        const ended = endOf({ to, cutAt });
        const end = Number.isFinite(ended) ? ended : Math.max(step.from, this.#loadUntil);
        const { window } = settledWindow(this.#produced, { ...step, to: end }, this.#settleSeconds);
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
        const due = this.#isLive && { targetTps: meanRate(this.#produced, window) };
        return { ...step, to: end, cutOff, ...planned, ...measured, ...due };
      }),
      produced: this.#produced,
      consumed: this.#consumed,
      status,
      durationSeconds: this.#latest,
      events,
      findings: [
        ...endFindings(status, this.#end?.reason, this.#latest),
        ...this.#errors.findings(this.#file),
        ...backgroundFindings(events.background),
      ],
    };
  }
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
