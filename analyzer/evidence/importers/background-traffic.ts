// Did others send through the cluster while it was tested? What the figures of its machines then include.

import type { Finding } from '../../../core/documents/analysis.ts';
import type { JournalLine } from '../../../core/documents/run-bundle.ts';
import { quantityText } from '../../../core/text/limit-text.ts';

type BackgroundLine = Extract<JournalLine, { kind: 'background' }>;

/** Below a message a second nobody's figures move; somebody always says something. */
const leastMessagesPerSecond = 1;

export function backgroundFindings(lines: readonly BackgroundLine[]): Finding[] {
  const seconds = lines.reduce((sum, { intervalSeconds }) => sum + intervalSeconds, 0);
  const messages = lines.reduce((sum, line) => sum + line.messagesPerSecond * line.intervalSeconds, 0);
  const mean = messages / seconds;
  const most = lines.reduce((highest, line) => Math.max(highest, line.messagesPerSecond), 0);
  if (!(mean >= leastMessagesPerSecond)) return [];
  const source = 'journal.ndjson, growth of topics that are not of the run';
  return [
    {
      severity: 'warning',
      code: 'background-traffic',
      message: `Others sent ${quantityText(mean)} msg/s through the cluster meanwhile, ${quantityText(most)} msg/s at most. Rates and latencies here are those of the test alone; CPU, disks and links of the brokers include the others, so what is safe is what the cluster carries on top of them.`,
      evidence: [
        { name: 'mean', value: mean, unit: 'messages/s', source },
        { name: 'most', value: most, unit: 'messages/s', source },
      ],
    },
  ];
}
