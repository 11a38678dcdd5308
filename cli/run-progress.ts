// Shows the progress of a run: one live line with a bar on a terminal, plain lines elsewhere.

import type { RunProgress } from '../loadgen/record/progress.ts';
import type { TrialRecord } from '../loadgen/search/trial.ts';
import type { IntervalSummary, StepSummary } from '../loadgen/record/step-summary.ts';
import type { Output } from '../app/caller.ts';
import { progressBar } from './progress-bar.ts';
import { durationText, roundedDurationText } from '../core/text/duration-text.ts';
import { measuredText } from '../core/text/measured-text.ts';
import { paintWith } from '../core/text/table.ts';
import { countText, percentText, pluralText, rateNumberText, rateText } from '../core/text/quantity-text.ts';

/** Interval of plain lines: often enough to show life, rare enough for a log. */
const plainSeconds = 5;

const gap = '  ';

const eraseLine = '\r\u001b[2K';

interface Look {
  colours: boolean;
  /** Restricts output to ASCII. */
  isPlain?: boolean;
}

/** @returns a function that prints each progress event */
export function createRunProgress(output: Output, { colours, isPlain = true }: Look): (progress: RunProgress) => void {
  const paint = paintWith(colours);
  const erased = output.isTerminal ? eraseLine : '';
  let spokenAt = 0;
  return (progress) => {
    switch (progress.kind) {
      case 'started':
        return output.write(
          `run ${progress.id} into ${progress.directory}, topic ${progress.topic}${progress.attempt === undefined ? '' : `, attempt ${progress.attempt}`}${progress.url === undefined ? '' : `, status and metrics at ${progress.url}`}\n`,
        );
      case 'second': {
        const parts = renderSecond(progress);
        if (output.isTerminal) {
          const bar = renderBar(progress, output.columns, isPlain);
          const room = output.columns - 1 - (bar?.length ?? 0);
          return output.write(`${eraseLine}${bar ?? ''}${paint('dim', fitting(parts, room))}`);
        }
        if (progress.elapsedSeconds - spokenAt < plainSeconds) return;
        spokenAt = progress.elapsedSeconds;
        return output.write(`${parts.join(gap)}\n`);
      }
      case 'awaits-copies':
        return output.write(`waiting until ${copyText(progress)}\n`);
      case 'not-copied':
        return output.write(`gave up waiting until ${copyText(progress)}: if their master is lost, so is the topic\n`);
      case 'ended':
        return output.write(erased);
      case 'awaits-ends':
        return output.write(
          `${erased}waiting up to ${progress.seconds} s: the partitions do not show ${pluralText(progress.messages, 'acknowledged message')} yet; a broker was lost, or followers lag\n`,
        );
      case 'unread':
        return output.write(`${erased}cannot read ${progress.what}: ${progress.reason}\n`);
      case 'left-behind':
        return output.write(`not deleted from the cluster: ${progress.what} (${progress.reason})\n`);
      case 'search-starts':
        return output.write(progress.explanation.map((line) => `${line}\n`).join(''));
      case 'trial-judged':
        return output.write(`${erased}${renderTrial(progress.record)}\n`);
      case 'worker-lost':
        return output.write(`${erased}${progress.worker} is lost, others send its messages: ${progress.reason}\n`);
      case 'stopped':
        return output.write(`${erased}the guard ended the ${progress.ends}: ${progress.reason}\n`);
      case 'step-ended': {
        spokenAt += plainSeconds;
        const { step, steps, summary } = progress;
        return output.write(`${erased}${renderStep(step, steps, summary)}\n`);
      }
    }
  };
}

/** Omits whole parts, because a truncated figure would be wrong. */
function fitting(parts: readonly string[], columns: number): string {
  const line = parts.join(gap);
  return line.length <= columns || parts.length === 0 ? line : fitting(parts.slice(0, -1), columns);
}

/** Absent while the end is unknown: in a search, and after a resume. */
function renderBar({ elapsedSeconds, leftSeconds }: Second, columns: number, isPlain: boolean): string | undefined {
  if (leftSeconds === undefined) return undefined;
  const elapsed = Math.max(0, elapsedSeconds);
  const share = elapsed + leftSeconds === 0 ? 1 : elapsed / (elapsed + leftSeconds);
  const bar = progressBar(share, columns, { isPlain });
  return bar && `${bar} ${Math.floor(share * 100)}%  `;
}

type Second = Extract<RunProgress, { kind: 'second' }>;

function renderSecond(progress: Second): string[] {
  const { step, steps, leftSeconds, interval, lagMessages, busiest } = progress;
  return [
    ...(leftSeconds === undefined ? [] : [`${roundedDurationText(Math.ceil(leftSeconds))} left`]),
    step === undefined ? between(steps, leftSeconds) : stepText(step, steps),
    ...ratesOf(interval),
    ...(lagMessages === undefined ? [] : [`lag ${countText(lagMessages)}`]),
    ...(busiest === undefined ? [] : [`${busiest.resource} of ${busiest.host} ${percentText(busiest.utilisation)}`]),
  ];
}

/** Names the pause: a profile is in its warm-up or waits for the last responses; a search is between two trials. */
function between(steps: number | undefined, leftSeconds: number | undefined): string {
  if (steps === undefined) return 'between trials';
  return leftSeconds === 0 ? 'waiting for the last answers and consumers' : 'warm-up';
}
const stepText = (step: number, steps: number | undefined) =>
  steps === undefined ? `trial ${step}` : `step ${step}/${steps}`;

const copyText = ({ topics, slaves }: { topics: readonly string[]; slaves: readonly string[] }) =>
  `${slaves.join(' and ')} know ${topics.length === 1 ? `topic ${topics[0]}` : `${topics.length} topics`}`;

const renderStep = (step: number, steps: number | undefined, summary: StepSummary) =>
  `${stepText(step, steps)} done  ${renderRates(summary)}`;

function renderTrial({ trial: { purpose, rate }, outcome }: TrialRecord): string {
  const said = `${purpose} at ${rateText(rate)}`;
  switch (outcome.kind) {
    case 'passed':
      return `${said}: passed`;
    case 'failed':
      return `${said}: failed, ${outcome.criterion} ${measuredText(outcome.measured, outcome.unit)} beyond ${measuredText(outcome.limit, outcome.unit)}`;
    case 'excluded':
      return `${said}: not judged, ${outcome.reason}`;
  }
}

const renderRates = (summary: StepSummary): string => ratesOf(summary).join(gap);

function ratesOf(summary: IntervalSummary): string[] {
  const { achievedTps, targetTps, latencySeconds, sendDelaySeconds, failedSends, droppedSends } = summary;
  return [
    ...(achievedTps === undefined
      ? []
      : [`${targetTps === undefined ? '' : `${rateNumberText(achievedTps)}/`}${rateText(targetTps ?? achievedTps)}`]),
    ...(latencySeconds ? [`p99 ${durationText(latencySeconds.p99)}`] : []),
    ...(sendDelaySeconds ? [`send delay p99 ${durationText(sendDelaySeconds.p99)}`] : []),
    ...(failedSends > 0 ? [`${countText(failedSends)} failed`] : []),
    ...(droppedSends === undefined ? [] : [`${countText(droppedSends)} dropped`]),
  ];
}
