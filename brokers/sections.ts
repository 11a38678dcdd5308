// Which parts of a cluster could be read, which show an older value, and which are missing? One deadline and age each.

import { untilAborted } from '../core/abort.ts';
import type { Clock } from '../core/clock.ts';
import { AppError } from '../core/errors.ts';
import type { Io } from './driver.ts';
import type { Section } from './snapshot.ts';

export interface SectionRead<Value> {
  section: string;
  broker?: string;
  /** Read at most this often; in between the last value counts as fresh. Default: at every snapshot. */
  everySeconds?: number;
  /** How long the last good value is shown after it could not be read again; 0 for what must not be shown old. */
  keepSeconds?: number;
  /** Given up after this time, while the rest goes on. Default: the signal's. */
  deadlineSeconds?: number;
  /** A read the governor may put off, to spare a broker in trouble. */
  optional?: boolean;
  read(io: Io): Promise<Value>;
  /** Parts of a value just read that the broker refused, in words; the rest of it is good. */
  refusals?(value: Value): readonly string[];
}

/** What keeps optional reads from a broker in trouble. */
export interface SectionGovernor {
  mayRead(section: string, broker: string | undefined): { kind: 'yes' } | { kind: 'no'; reason: string };
}

export interface Sections {
  /** @returns the value just read, else the last good one while it is young enough, else undefined. Rejects never. */
  ask<Value>(read: SectionRead<Value>, io: Io): Promise<Value | undefined>;
  /** What the asks since the last report came to. */
  report(): readonly Section[];
}

const defaultKeepSeconds = 300;

interface Held {
  value: unknown;
  readAt: number;
}

export function createSections({ clock, governor }: { clock: Clock; governor?: SectionGovernor }): Sections {
  const held = new Map<string, Held>();
  let asked: Section[] = [];

  async function ask<Value>(
    { section, broker, everySeconds = 0, keepSeconds = defaultKeepSeconds, ...how }: SectionRead<Value>,
    io: Io,
  ): Promise<Value | undefined> {
    const key = broker === undefined ? section : `${section} ${broker}`;
    const name = { section, ...(broker !== undefined && { broker }) };
    const last = held.get(key);
    const age = (of: Held) => clock.monotonic() - of.readAt;
    if (last !== undefined && age(last) < everySeconds) {
      asked.push({ ...name, kind: 'fresh', ageSeconds: age(last) });
      return last.value as Value;
    }
    const leave = how.optional === true ? (governor?.mayRead(section, broker) ?? { kind: 'yes' }) : { kind: 'yes' };
    const began = clock.monotonic();
    let reason: string;
    if (leave.kind === 'yes') {
      try {
        const value = await within(how.deadlineSeconds, io, how.read);
        const readAt = clock.monotonic();
        held.set(key, { value, readAt });
        const refused = how.refusals?.(value) ?? [];
        asked.push({
          ...name,
          kind: 'fresh',
          durationSeconds: readAt - began,
          ageSeconds: 0,
          ...(refused.length > 0 && { refused: refused.length, reason: someOf(refused) }),
        });
        return value;
      } catch (cause) {
        reason = reasonOf(cause);
      }
    } else {
      reason = (leave as { reason: string }).reason;
    }
    const usable = last !== undefined && age(last) < keepSeconds + everySeconds ? last : undefined;
    if (usable === undefined) held.delete(key);
    const missing = usable === undefined ? 'missing' : 'kept';
    asked.push({
      ...name,
      kind: leave.kind === 'no' ? 'skipped' : missing,
      ...(leave.kind === 'yes' && { durationSeconds: clock.monotonic() - began }),
      ...(usable !== undefined && { ageSeconds: age(usable) }),
      reason,
    });
    return usable?.value as Value | undefined;
  }

  return {
    ask,
    report() {
      const report = asked;
      asked = [];
      return report;
    },
  };
}

async function within<Value>(
  seconds: number | undefined,
  { signal }: Io,
  read: (io: Io) => Promise<Value>,
): Promise<Value> {
  if (seconds === undefined) return untilAborted(read({ signal }), signal);
  const deadline = AbortSignal.any([signal, AbortSignal.timeout(seconds * 1000)]);
  return untilAborted(read({ signal: deadline }), deadline);
}

/** The first ones name the cause; a broker that refuses refuses thousands. */
function someOf(refused: readonly string[]): string {
  const shown = refused.slice(0, 3).join('; ');
  return refused.length > 3 ? `${shown}; and ${refused.length - 3} more` : shown;
}

/** A fault has words of its own; a signal that aborted has none for people. */
function reasonOf(cause: unknown): string {
  if (cause instanceof AppError) return cause.message;
  if (cause instanceof DOMException) return 'no answer before the deadline';
  return cause instanceof Error ? cause.message : String(cause);
}
