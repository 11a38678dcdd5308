// Reads the sections of a snapshot, each with its deadline and maximum age, and reports stale or missing ones.

import { type Clock, untilAborted } from '../core/clock.ts';
import { AppError, isUnreachable } from '../core/errors.ts';
import type { Io } from './driver.ts';
import type { Section } from './snapshot.ts';

export interface SectionRead<Value> {
  section: string;
  broker?: string;
  /** Minimum interval of reads; in between the last value counts as fresh. Default: read at every snapshot. */
  everySeconds?: number;
  /** How long the last good value is kept after a failed read; 0 for values that must not be shown old. */
  keepSeconds?: number;
  /** Deadline of the read, while the rest continues. Default: that of the signal. */
  deadlineSeconds?: number;
  /** Whether the governor may skip the read, to protect a broker in trouble. */
  optional?: boolean;
  read(io: Io): Promise<Value>;
  /** Messages about parts that the broker refused; the rest of the value is valid. */
  refusals?(value: Value): readonly string[];
}

/** Prevents optional reads from a broker in trouble. */
export interface SectionGovernor {
  mayRead(section: string, broker: string | undefined): { kind: 'yes' } | { kind: 'no'; reason: string };
}

/** Last values, kept between snapshots. */
export type SectionMemory = ReturnType<typeof createSectionMemory>;
/** Sections of one snapshot. */
export type Sections = ReturnType<SectionMemory['begin']>;

export const defaultKeepSeconds = 300;
/** Brokers leave a cluster for good; their values are dropped after this time without a request. */
const forgetSeconds = 3600;

interface Held {
  value: unknown;
  readAt: number;
  requestedAt: number;
}

export function createSectionMemory({ clock, governor }: { clock: Clock; governor?: SectionGovernor }) {
  const held = new Map<string, Held>();

  async function ask<Value>(
    sections: Section[],
    { section, broker, everySeconds = 0, keepSeconds = defaultKeepSeconds, ...how }: SectionRead<Value>,
    io: Io,
  ): Promise<Value | undefined> {
    const key = broker === undefined ? section : `${section} ${broker}`;
    const name = { section, ...(broker !== undefined && { broker }) };
    const last = held.get(key);
    if (last !== undefined) last.requestedAt = clock.monotonic();
    const age = (of: Held) => clock.monotonic() - of.readAt;
    if (last !== undefined && age(last) < everySeconds) {
      sections.push({ ...name, kind: 'fresh', ageSeconds: age(last) });
      return last.value as Value;
    }
    const leave = how.optional === true ? (governor?.mayRead(section, broker) ?? { kind: 'yes' }) : { kind: 'yes' };
    const began = clock.monotonic();
    let why: Pick<Section, 'reason' | 'hint' | 'isUnreachable'>;
    if (leave.kind === 'yes') {
      try {
        const value = await within(how.deadlineSeconds, io, how.read);
        const readAt = clock.monotonic();
        held.set(key, { value, readAt, requestedAt: readAt });
        const refused = how.refusals?.(value) ?? [];
        sections.push({
          ...name,
          kind: 'fresh',
          durationSeconds: readAt - began,
          ageSeconds: 0,
          ...(refused.length > 0 && { refused: refused.length, reason: someOf(refused) }),
        });
        return value;
      } catch (cause) {
        why = {
          reason: reasonOf(cause),
          ...(cause instanceof AppError && { hint: cause.hint }),
          ...(hasNoAnswer(cause) && { isUnreachable: true }),
        };
      }
    } else {
      why = { reason: (leave as { reason: string }).reason };
    }
    const usable = last !== undefined && age(last) < keepSeconds + everySeconds ? last : undefined;
    if (usable === undefined) held.delete(key);
    const missing = usable === undefined ? 'missing' : 'kept';
    sections.push({
      ...name,
      kind: leave.kind === 'no' ? 'skipped' : missing,
      ...(leave.kind === 'yes' && { durationSeconds: clock.monotonic() - began }),
      ...(usable !== undefined && { ageSeconds: age(usable) }),
      ...why,
    });
    return usable?.value as Value | undefined;
  }

  return {
    /** Begins a report, which an abandoned or concurrent snapshot does not affect. */
    begin() {
      const earliest = clock.monotonic() - forgetSeconds;
      for (const [key, { requestedAt }] of held) if (requestedAt < earliest) held.delete(key);
      const sections: Section[] = [];
      return {
        /** @returns the value just read, else the last good one while it may be kept, else undefined. Never rejects. */
        ask: <Value>(read: SectionRead<Value>, io: Io) => ask(sections, read, io),
        /** Returns the sections read in this snapshot. */
        report: (): readonly Section[] => sections,
      };
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

/** Lists the first refusals, which show the cause; a broker may refuse thousands. */
function someOf(refused: readonly string[]): string {
  const shown = refused.slice(0, 3).join('; ');
  return refused.length > 3 ? `${shown}; and ${refused.length - 3} more` : shown;
}

const hasNoAnswer = (cause: unknown) =>
  cause instanceof AppError ? isUnreachable(cause) : cause instanceof DOMException;

/** Returns the message of a fault; an aborted signal has no readable one. */
function reasonOf(cause: unknown): string {
  if (cause instanceof AppError) return cause.message;
  if (cause instanceof DOMException) return 'no answer before the deadline';
  return cause instanceof Error ? cause.message : String(cause);
}
