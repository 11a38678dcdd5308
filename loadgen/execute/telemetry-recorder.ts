// Samples hosts and brokers once per second without delaying the load.

import type { JournalLine } from '../../core/documents/run-bundle.ts';
import type { TelemetryRecord, TelemetrySource } from '../../core/documents/evidence/telemetry.ts';
import type { RunClock } from './run-clock.ts';

/** Resolves never: aborted by the signal. A second that is missed because a source was slow stays missed. */
export async function recordTelemetry(
  source: TelemetrySource,
  clock: RunClock,
  signal: AbortSignal,
  onRecords: (records: readonly TelemetryRecord[]) => void,
): Promise<never> {
  for (let second = 0; ; second = Math.max(second + 1, Math.ceil(clock.elapsed()))) {
    await clock.sleepUntil(second, { signal });
    onRecords(await source.sample(() => clock.elapsed(), { signal }));
  }
}

/** What others sent, as a line of the journal. */
export const backgroundLine = ({
  elapsedSeconds,
  intervalSeconds,
  messages,
}: Extract<TelemetryRecord, { kind: 'background' }>): JournalLine => ({
  kind: 'background',
  elapsedSeconds,
  intervalSeconds,
  messagesPerSecond: messages / intervalSeconds,
});
