// How does a run look while it goes on? One live line per step on a terminal, plain lines elsewhere.

import type { RunProgress } from '../loadgen/progress.ts';
import type { StepSummary } from '../loadgen/step-summary.ts';
import type { Output } from './command.ts';

/** Between two plain lines: enough to see that it lives, few enough for a log. */
const plainSeconds = 5;

const eraseLine = '\r\u001b[2K';

/** @returns what takes each piece of progress and writes it */
export function createRunProgress(output: Output, { colours }: { colours: boolean }): (progress: RunProgress) => void {
  const dim = (text: string) => (colours ? `\u001b[2m${text}\u001b[0m` : text);
  let spokenAt = 0;
  return (progress) => {
    switch (progress.kind) {
      case 'started':
        return output.write(`run ${progress.id} into ${progress.directory}, topic ${progress.topic}\n`);
      case 'second': {
        const line = renderSecond(progress);
        if (output.isTerminal) return output.write(`${eraseLine}${dim(line.slice(0, output.columns - 1))}`);
        if (progress.elapsedSeconds - spokenAt < plainSeconds) return;
        spokenAt = progress.elapsedSeconds;
        return output.write(`${line}\n`);
      }
      case 'ended':
        return output.write(output.isTerminal ? eraseLine : '');
      case 'left-behind':
        return output.write(`left behind on the cluster: ${progress.what} (${progress.reason})\n`);
      case 'step-ended': {
        spokenAt += plainSeconds;
        const { step, steps, summary } = progress;
        return output.write(`${output.isTerminal ? eraseLine : ''}${renderStep(step, steps, summary)}\n`);
      }
    }
  };
}

function renderSecond(progress: Extract<RunProgress, { kind: 'second' }>): string {
  const { step, steps, interval, lagMessages, busiest } = progress;
  return [
    `${step === undefined ? 'warm-up' : `step ${step}/${steps}`}  ${renderRates(interval)}`,
    ...(lagMessages === undefined ? [] : [`lag ${lagMessages.toLocaleString('en')}`]),
    ...(busiest === undefined
      ? []
      : [`${busiest.resource} of ${busiest.host} ${Math.round(busiest.utilisation * 100)} %`]),
  ].join('  ');
}

const renderStep = (step: number, steps: number, summary: StepSummary) =>
  `step ${step}/${steps} done  ${renderRates(summary)}`;

function renderRates({ achievedTps, targetTps, latencySeconds, sendDelaySeconds, failedSends }: StepSummary): string {
  return [
    `${round(achievedTps)}/${round(targetTps)} msg/s`,
    ...(latencySeconds ? [`p99 ${renderTime(latencySeconds.p99)}`] : []),
    ...(sendDelaySeconds ? [`send delay p99 ${renderTime(sendDelaySeconds.p99)}`] : []),
    ...(failedSends > 0 ? [`${failedSends.toLocaleString('en')} failed`] : []),
  ].join('  ');
}

const round = (rate: number) => Math.round(rate).toLocaleString('en');
const renderTime = (seconds: number) =>
  seconds < 1 ? `${(seconds * 1000).toPrecision(3)} ms` : `${seconds.toFixed(1)} s`;
