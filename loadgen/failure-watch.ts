// Is the broker gone? Judged from what the producers report, in seconds of silence or of nothing but failures.

import type { JournalLine } from '../core/run-bundle.ts';

/** A restart of one broker among several is over in less; nothing else may fail every send for so long. */
const onlyFailuresSeconds = 5;
/** A third of what a Kafka client waits for one answer by default (request.timeout.ms): a stalled broker, not a slow one. */
const silenceSeconds = 10;

/** @returns a function that takes each journal line and says why the run has failed, once it has */
export function watchForFailure(): (line: JournalLine) => string | undefined {
  let answeredAt = 0;
  let failingSince: number | undefined;
  let unanswered = 0;
  let lastError = 'no reason was given';
  return (line) => {
    if (line.kind === 'error') lastError = line.message;
    if (line.kind !== 'produced') return undefined;
    const { elapsedSeconds, intervalSeconds, sent, acknowledged, failed } = line;
    unanswered = Math.max(0, unanswered + sent - acknowledged - failed);
    if (acknowledged > 0 || unanswered === 0) answeredAt = elapsedSeconds;
    if (acknowledged > 0) failingSince = undefined;
    else if (failed > 0) failingSince ??= elapsedSeconds - intervalSeconds;
    if (failingSince !== undefined && elapsedSeconds - failingSince >= onlyFailuresSeconds) {
      return `every send failed for ${onlyFailuresSeconds} s: ${lastError}`;
    }
    if (elapsedSeconds - answeredAt >= silenceSeconds) return `no send was answered for ${silenceSeconds} s`;
    return undefined;
  };
}
