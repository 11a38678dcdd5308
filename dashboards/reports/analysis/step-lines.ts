// Renders the steps of a load test as a table: target rate, achieved rate, latency, failures, verdict.

import type { AnalysedStep, StepVerdict } from '../../../core/documents/analysis.ts';
import { durationText } from '../../../core/text/duration-text.ts';
import { limitText } from '../../../core/text/limit-text.ts';
import { quantityText, rateNumberText } from '../../../core/text/quantity-text.ts';
import type { Paint, Style } from './paint.ts';
import { renderTable } from './table.ts';

export function stepLines(all: readonly AnalysedStep[], paint: Paint): string[] {
  if (all.length === 0) return ['Steps: none'];
  const time = (value: number | undefined) => (value === undefined ? 'unknown' : durationText(value));
  const [title = '', ...rows] = renderTable(
    [
      { heading: 'target msg/s', isFigure: true },
      { heading: 'concurrency', isFigure: true },
      { heading: 'achieved', isFigure: true },
      { heading: 'p50', isFigure: true },
      { heading: 'p99', isFigure: true },
      { heading: 'send delay p99', isFigure: true },
      { heading: 'failed', isFigure: true },
      { heading: 'result' },
    ],
    all.map((step) => [
      step.targetTps === undefined ? 'unknown' : rateNumberText(step.targetTps),
      step.lanes === undefined ? 'unknown' : quantityText(step.lanes),
      rateNumberText(step.achievedTps),
      time(step.latencySeconds?.p50),
      time(step.latencySeconds?.p99),
      time(step.sendDelaySeconds?.p99),
      step.failedSends === undefined ? 'unknown' : quantityText(step.failedSends),
      verdictText(step.verdict),
    ]),
  );
  return ['Steps', paint('dim', title), ...rows.map((row, index) => paint(verdictStyle(all[index]?.verdict), row))];
}

function verdictText(verdict: StepVerdict): string {
  switch (verdict.kind) {
    case 'sustained':
      return 'sustained';
    case 'saturated':
      return verdict.bottleneck ? `saturated: ${limitText(verdict.bottleneck)}` : 'saturated: cause unknown';
    case 'invalid':
      return `invalid: ${verdict.reason}`;
    case 'not-judged':
      return `not judged: ${notJudgedText[verdict.reason]}`;
  }
}

const notJudgedText = {
  'closed-loop': 'closed loop',
  'rate-unknown': 'target rate unknown',
  'changing-rate': 'the rate changed',
  'nothing-sent': 'nothing was sent',
  backlog: 'consumers paused or catching up',
  'lag-unknown': 'consumer lag unknown',
} as const satisfies Record<Extract<StepVerdict, { kind: 'not-judged' }>['reason'], string>;

function verdictStyle(verdict: StepVerdict | undefined): Style {
  return verdict?.kind === 'sustained' ? 'green' : verdict?.kind === 'saturated' ? 'red' : 'yellow';
}
