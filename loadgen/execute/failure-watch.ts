// Detects that the broker is gone, from seconds without answers or with failures only.

import type { JournalLine } from '../../core/documents/run-bundle.ts';
import { AppError } from '../../core/errors.ts';
import { createErrorCount } from '../record/error-count.ts';

/** A restart of one broker among several is over in less; nothing else may fail every send for so long. */
const onlyFailuresSeconds = 5;
/** A third of what a Kafka client waits for one answer by default (request.timeout.ms): a stalled broker, not a slow one. */
const silenceSeconds = 10;

/**
 * @param outageSeconds what the workload bears of both, where it says so
 * @param answerSeconds what an answer may take
 */
export function watchForFailure(outageSeconds?: number, answerSeconds = 0) {
  const mostFailing = outageSeconds ?? onlyFailuresSeconds;
  const mostSilent = Math.max(outageSeconds ?? silenceSeconds, answerSeconds);
  let answeredAt: number | undefined;
  /** In which sends failed and none succeeded. Idle seconds, as between two trials, are none of them. */
  let failingSeconds = 0;
  let failingTo = 0;
  /** By worker, as long as it is there. */
  const unanswered = new Map<string, number>();
  const lost = new Set<string>();
  let everAcknowledged = false;
  let everFailed = false;
  /** Since the last acknowledged message. */
  const errors = createErrorCount();
  function everySendFailed(forSeconds = ''): AppError {
    const all = errors.all();
    // Messages given up as late have no hint: they follow from the failed sends and may outnumber them.
    const commonest = all.find(({ hint }) => hint !== undefined) ?? all[0];
    const why = commonest?.message ?? 'no reason was given';
    return new AppError('run-failed', `every send failed${forSeconds}: ${why}`, { hint: commonest?.hint });
  }
  function add(line: JournalLine): AppError | undefined {
    if (line.kind === 'error') errors.add(line);
    if (line.kind === 'worker-lost') {
      // What it had in flight is never answered, and is no sign of a broker that is gone.
      lost.add(line.worker);
      unanswered.delete(line.worker);
    }
    if (line.kind !== 'produced') return undefined;
    const { worker, elapsedSeconds, intervalSeconds, sent, acknowledged, failed } = line;
    everAcknowledged ||= acknowledged > 0;
    everFailed ||= failed > 0;
    const open = Math.max(0, (unanswered.get(worker) ?? 0) + sent - acknowledged - failed);
    if (!lost.has(worker)) unanswered.set(worker, open);
    answeredAt ??= elapsedSeconds - intervalSeconds;
    const isIdle = unanswered.values().every((messages) => messages === 0);
    if (acknowledged > 0 || isIdle) answeredAt = elapsedSeconds;
    if (acknowledged > 0) {
      failingSeconds = 0;
      errors.take();
    } else if (failed > 0 || (failingSeconds > 0 && !isIdle)) {
      failingSeconds += Math.max(0, Math.min(intervalSeconds, elapsedSeconds - failingTo));
      failingTo = Math.max(failingTo, elapsedSeconds);
    }
    if (failingSeconds >= mostFailing) return everySendFailed(` for ${mostFailing} s`);
    if (elapsedSeconds - answeredAt >= mostSilent) {
      return new AppError('run-failed', `no send was answered for ${mostSilent} s`);
    }
    return undefined;
  }

  return {
    /** @returns why the run has failed, once it has */
    add,
    /** @returns why a completed run has failed all the same: too short for the watch, or refused from the first send on */
    atEnd: (): AppError | undefined => (everFailed && !everAcknowledged ? everySendFailed() : undefined),
  };
}
