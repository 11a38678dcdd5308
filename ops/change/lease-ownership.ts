// Determines from the lease store who holds a cluster's lease and whether it has expired.

import type { LeaseReading } from '../../brokers/lease-store.ts';
import { readLeaseText, releasedText, type ChangeLease, type PlacedBy } from '../../core/documents/change-lease.ts';
import type { Clock, Seconds } from '../../core/clock.ts';
import { defined } from '../../core/defined.ts';
import type { AppError } from '../../core/errors.ts';

/** `placedBy`: the last reassignment. */
export type LeaseOwnership = { placedBy?: PlacedBy } & (
  | { kind: 'free' }
  /** `isWhole`: at all places. */
  | { kind: 'own'; isWhole: boolean }
  /** `isContested`: other places have our lease, because two contenders wrote at once. */
  | { kind: 'other'; holder: ChangeLease; isContested: boolean; print: string }
  | { kind: 'unreadable'; place: string; reason: string }
);

/** Considers only places that responded. @param ownId id of the lease that this process has written, or is about to write */
export function ownershipOf(readings: readonly LeaseReading[], ownId?: string): LeaseOwnership {
  const leases: { place: string; lease: ChangeLease }[] = [];
  let placedBy: PlacedBy | undefined;
  for (const reading of readings) {
    if (reading.kind === 'unreachable') continue;
    const { place, text } = reading;
    const read = readLeaseText(text);
    if (read.kind === 'unreadable') return { kind: 'unreadable', place, reason: read.reason };
    if (read.kind === 'lease') leases.push({ place, lease: read.lease });
    placedBy ??= read.kind === 'lease' ? read.lease.placedBy : read.placedBy;
  }
  const known = defined({ placedBy });
  const others = leases.filter(({ lease }) => lease.id !== ownId);
  const [first] = others.toSorted((a, b) => (a.lease.id < b.lease.id ? -1 : 1));
  if (first !== undefined) {
    const print = others.map(({ place, lease }) => `${place} ${lease.id} ${lease.heartbeat}`).join('\n');
    return { kind: 'other', holder: first.lease, isContested: others.length < leases.length, print, ...known };
  }
  if (leases.length === 0) return { kind: 'free', ...known };
  return { kind: 'own', isWhole: leases.length === readings.length, ...known };
}

/** @returns the error of the first place that did not respond */
export function faultIn(readings: readonly LeaseReading[]): AppError | undefined {
  return readings.find((reading) => reading.kind === 'unreachable')?.fault;
}

/** @returns `live` once the heartbeat differs from the first, `expired` after no change for `expiry`; ignores the wall clock */
export function watchHeartbeat(
  { monotonic }: Pick<Clock, 'monotonic'>,
  expiry: Seconds,
): (print: string) => 'waiting' | 'live' | 'expired' {
  let first: { print: string; at: number } | undefined;
  return (print) => {
    const now = monotonic();
    first ??= { print, at: now };
    if (print !== first.print) return 'live';
    return now - first.at >= expiry ? 'expired' : 'waiting';
  };
}

/** @returns what a release leaves of a stored text; undefined unless that is the lease of this id. @param last reassignment; absent: as stored */
export const releasedBy =
  (id: string, last?: PlacedBy) =>
  (text: string): string | undefined => {
    const { kind, placedBy } = ownershipOf([{ place: '', kind: 'read', text }], id);
    return kind === 'own' ? releasedText(last ?? placedBy) : undefined;
  };
