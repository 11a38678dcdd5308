// Collects events of a run: trials, guard interventions, resumptions, lost workers and background traffic.

import type { JournalLine } from '../../../core/documents/run-bundle.ts';
import type { RunEvents } from '../load-test-run.ts';

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
