// Renders the steps of a load test as a table: target rate, achieved rate, latency, failures, verdict.

import { forKind } from '../../../core/kind-table.ts';
import type { AnalysedStep, StepVerdict } from '../../../core/documents/analysis.ts';
import { durationText } from '../../../core/text/duration-text.ts';
import { limitText } from '../../../core/text/limit-text.ts';
import { ifKnown, quantityText, rateNumberText } from '../../../core/text/quantity-text.ts';
import { columnsOf } from '../../../core/text/table.ts';
import type { Paint, Style } from '../../../core/text/paint.ts';
import { renderTable } from './table.ts';

export function stepLines(all: readonly AnalysedStep[], paint: Paint): string[] {
  if (all.length === 0) return ['Steps: none'];
  const [title = '', ...rows] = renderTable(
    columnsOf(['>target msg/s', '>concurrency', '>achieved', '>p50', '>p99', '>send delay p99', '>failed', 'result']),
    all.map((step) => [
      ifKnown(step.targetTps, rateNumberText),
      ifKnown(step.lanes, quantityText),
      rateNumberText(step.achievedTps),
      ifKnown(step.latencySeconds?.p50, durationText),
      ifKnown(step.latencySeconds?.p99, durationText),
      ifKnown(step.sendDelaySeconds?.p99, durationText),
      ifKnown(step.failedSends, quantityText),
      verdictText(step.verdict),
    ]),
  );
  return ['Steps', paint('dim', title), ...rows.map((row, index) => paint(verdictStyle(all[index]?.verdict), row))];
}

const verdictText = (verdict: StepVerdict): string =>
  forKind(verdict, {
    sustained: () => 'sustained',
    saturated: ({ bottleneck }) => `saturated: ${bottleneck ? limitText(bottleneck) : 'cause unknown'}`,
    invalid: ({ reason }) => `invalid: ${reason}`,
    'not-judged': ({ reason }) => `not judged: ${notJudgedText[reason]}`,
  });

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
