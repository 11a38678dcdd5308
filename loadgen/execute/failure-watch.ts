// Detects that the broker is gone: seconds with no responses, or with failures only.

import type { Broker } from '../../core/cluster.ts';
import type { JournalLine } from '../../core/documents/run-bundle.ts';
import { AppError } from '../../core/errors.ts';
import { named } from '../../core/text/bilingual.ts';
import { createErrorCount } from '../record/error-count.ts';

/** Longer than the restart of one broker among several; no other cause may fail every send for this time. */
const onlyFailuresSeconds = 5;
/**
 * A third of the default response timeout of a Kafka client (request.timeout.ms): detects a stalled broker, not a slow
 * one.
 */
const silenceSeconds = 10;

/**
 * @param outageSeconds outage that the workload tolerates, if configured
 * @param answerSeconds longest expected response time
 * @param brokers of the cluster, for the hint
 */
export function watchForFailure(outageSeconds?: number, answerSeconds = 0, brokers: readonly Broker[] = []) {
  const mostFailing = outageSeconds ?? onlyFailuresSeconds;
  const mostSilent = Math.max(outageSeconds ?? silenceSeconds, answerSeconds);
  let answeredAt: number | undefined;
  /** Seconds in which sends failed and none succeeded; excludes idle seconds, such as between two trials. */
  let failingSeconds = 0;
  let failingTo = 0;
  /** Unanswered sends by worker, until the worker is lost. */
  const unanswered = new Map<string, number>();
  const lost = new Set<string>();
  let everAcknowledged = false;
  let everFailed = false;
  /** Errors since the last acknowledged message. */
  const errors = createErrorCount();
  function everySendFailed(forSeconds = ''): AppError {
    const all = errors.all();
    // Messages given up as late have no hint: they result from failed sends and may outnumber them.
    const commonest = all.find(({ hint }) => hint !== undefined) ?? all[0];
    const why = commonest?.message ?? 'no reason was given';
    return new AppError('run-failed', `every send failed${forSeconds}: ${why}`, { hint: commonest?.hint });
  }
  function add(line: JournalLine): AppError | undefined {
    if (line.kind === 'error') errors.add(line);
    if (line.kind === 'worker-lost') {
      // In-flight requests of a lost worker are never answered, which does not mean that the broker is gone.
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
      // Not the message: one that stalls may fill the sender threads, so that the others get no sends.
      const names = brokers.map(({ id, address }) => `${id} (${address})`);
      return new AppError('run-failed', `no broker answered a send for ${mostSilent} s`, {
        hint: `check that ${named(names) || 'the brokers'} run, and their load and logs`,
      });
    }
    return undefined;
  }

  return {
    /** @returns the reason once the run has failed */
    add,
    /**
     * @returns why a completed run still counts as failed: it was too short for the watch, or all sends were refused
     */
    atEnd: (): AppError | undefined => (everFailed && !everAcknowledged ? everySendFailed() : undefined),
  };
}
