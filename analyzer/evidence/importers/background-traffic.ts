// Reports the messages that other producers sent through the cluster during a test.

import type { Finding } from '../../../core/documents/analysis.ts';
import { findingOf } from '../../../core/documents/findings/findings.ts';
import type { RunEvents } from '../load-test-run.ts';

/** Below one message per second no figure is affected; some background messages always exist. */
const leastMessagesPerSecond = 1;

export function backgroundFindings(lines: RunEvents['background']): Finding[] {
  const seconds = lines.reduce((sum, { intervalSeconds }) => sum + intervalSeconds, 0);
  const messages = lines.reduce((sum, line) => sum + line.messagesPerSecond * line.intervalSeconds, 0);
  const mean = messages / seconds;
  const most = lines.reduce((highest, line) => Math.max(highest, line.messagesPerSecond), 0);
  if (!(mean >= leastMessagesPerSecond)) return [];
  return [findingOf('background-traffic', { meanTps: mean, mostTps: most })];
}
