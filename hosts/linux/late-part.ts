// Gives a slow part of a reading a short grace period; a later result becomes part of the next reading.

import { untilAborted } from '../../core/abort.ts';
import type { Clock } from '../../core/clock.ts';
import { AppError } from '../../core/errors.ts';
import { seconds } from '../../core/units.ts';
import { endOfWait } from '../../core/ignore-fault.ts';
import type { Io } from '../host-files.ts';

export type Part<T> = { kind: 'read'; value: T } | { kind: 'absent'; reason: string };

const patience = seconds(2);
const longest = seconds(30);
/** Older results are discarded. */
const mostAgeSeconds = 60;

export function createLatePart<T>(read: (io: Io) => Promise<T>, clock: Pick<Clock, 'monotonic' | 'sleep'>) {
  let running: Promise<Part<T>> | undefined;
  let late: { part: Part<T>; at: number } | undefined;
  const closing = new AbortController();

  async function attempt(): Promise<Part<T>> {
    const done = new AbortController();
    const tooLong = new AbortController();
    clock
      .sleep(longest, { signal: AbortSignal.any([done.signal, closing.signal]) })
      .then(() => tooLong.abort(new AppError('host-hung', `it was not read within ${longest} s`)), endOfWait);
    const signal = AbortSignal.any([tooLong.signal, closing.signal]);
    try {
      return { kind: 'read', value: await untilAborted(read({ signal }), signal) };
    } catch (error) {
      return { kind: 'absent', reason: (error as Error).message };
    } finally {
      done.abort();
    }
  }

  return {
    /** Starts a read, unless one is still running. */
    begin(): void {
      running ??= attempt().then((part) => {
        running = undefined;
        late = { part, at: clock.monotonic() };
        return part;
      });
    },
    /** @returns the running read if it ends soon, otherwise the late result of the previous one. Never rejects. */
    async take({ signal }: Io): Promise<Part<T>> {
      const enough = new AbortController();
      const waited = clock.sleep(patience, { signal: AbortSignal.any([signal, enough.signal]) }).catch(endOfWait);
      const soon = await Promise.race([running, waited]);
      enough.abort();
      const before = late;
      late = undefined;
      if (soon !== undefined) return soon;
      if (before !== undefined && clock.monotonic() - before.at <= mostAgeSeconds) return before.part;
      return {
        kind: 'absent',
        reason: `it took ${patience} s longer than the rest; it is included in the next reading`,
      };
    },
    async [Symbol.asyncDispose]() {
      closing.abort(new AppError('host-hung', 'its reading was abandoned'));
      await running;
    },
  };
}
