// Collects events of a run: trials, guard interventions, resumptions, lost workers, background traffic and client errors.

import { notSentCode, type JournalLine } from '../../../core/documents/run-bundle.ts';
import type { RunEvents, LoadTestRun } from '../load-test-run.ts';
import type { Finding } from '../../../core/documents/analysis.ts';
import { findingOf } from '../../../core/documents/findings/findings.ts';
import { getOrMake } from '../../../core/get-or-make.ts';

type Mutable<T> = { -readonly [K in keyof T]: T[K] extends readonly (infer Item)[] ? Item[] : T[K] };

/** @returns empty lists, to be filled */
export const noEvents = (): Mutable<RunEvents> => ({
  trials: [],
  guard: [],
  settled: [],
  resumed: [],
  lostWorkers: [],
  background: [],
  droppedMessages: 0,
});

export class EventFold {
  readonly events = noEvents();
  readonly #begun = new Map<number, { startedSeconds: number; targetTps: number | undefined }>();

  add(line: JournalLine): void {
    const { events } = this;
    switch (line.kind) {
      case 'step-started':
        this.#begun.set(line.step, { startedSeconds: line.elapsedSeconds, targetTps: line.targetTps });
        break;
      case 'trial':
        events.trials.push({ ...line, ...this.#startOf(line) });
        break;
      case 'guard':
        events.guard.push(line);
        break;
      case 'settled':
        events.settled.push(line);
        break;
      case 'resumed':
        events.resumed.push(line);
        break;
      case 'worker-lost':
        events.lostWorkers.push(line);
        break;
      case 'background':
        events.background.push(line);
        break;
      case 'clock-offset':
        events.clockErrorSeconds = Math.max(events.clockErrorSeconds ?? 0, line.errorSeconds);
        break;
      case 'produced':
        events.droppedMessages += line.dropped ?? 0;
        break;
      default:
    }
  }

  /** A trial interrupted in its warm-up has no step, so the next trial gets its number. */
  #startOf({ step, targetTps }: Extract<JournalLine, { kind: 'trial' }>): { startedSeconds?: number } {
    const begun = this.#begun.get(step);
    this.#begun.delete(step);
    return begun?.targetTps === targetTps && begun !== undefined ? { startedSeconds: begun.startedSeconds } : {};
  }
}

/** Below one message per second no figure is affected; some background messages always exist. */
const leastMessagesPerSecond = 1;

/** Reports the messages that other producers sent through the cluster during a test. */
export function backgroundFindings(lines: RunEvents['background']): Finding[] {
  const seconds = lines.reduce((sum, { intervalSeconds }) => sum + intervalSeconds, 0);
  const messages = lines.reduce((sum, line) => sum + line.messagesPerSecond * line.intervalSeconds, 0);
  const mean = messages / seconds;
  const most = lines.reduce((highest, line) => Math.max(highest, line.messagesPerSecond), 0);
  if (!(mean >= leastMessagesPerSecond)) return [];
  return [findingOf('background-traffic', { meanTps: mean, mostTps: most })];
}

/** Reports how a run ended, unless it completed as planned. */
export function endFindings(status: LoadTestRun['status'], reason: string | undefined, seconds: number): Finding[] {
  if (status === 'completed') return [];
  return [
    status === 'interrupted'
      ? findingOf('run-interrupted', { seconds })
      : findingOf(`run-${status}`, { seconds, reason }),
  ];
}

interface Errors {
  /** Message of the first error. */
  message: string;
  count: number;
  /** Counts by the name that the broker gave; the other errors have no name. */
  causes: Map<string, number>;
}

/** Sums the errors that the load generator's clients received, by the names from the brokers, and the messages never sent. */
export class ClientErrors {
  readonly #byCode = new Map<string, Errors>();

  add({ code, cause, message, count }: Extract<JournalLine, { kind: 'error' }>): void {
    const errors = getOrMake(this.#byCode, code, () => ({ message, count: 0, causes: new Map() }));
    errors.count += count;
    if (cause !== undefined) errors.causes.set(cause, (errors.causes.get(cause) ?? 0) + count);
  }

  /** @param file name of the journal */
  findings(file: string): Finding[] {
    return [...this.#byCode].map(([code, { message, count, causes }]): Finding => {
      if (code === notSentCode) return findingOf('messages-not-sent', { count, firstMessage: message });
      const byCount = [...causes].toSorted(([, a], [, b]) => b - a);
      return findingOf('client-error', { error: code, count, causes: byCount, firstMessage: message, file });
    });
  }
}
