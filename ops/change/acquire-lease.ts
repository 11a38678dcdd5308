// Acquires the lease for changes of a cluster: one operator at a time; takes over an expired lease only with consent.

import { randomUUID } from 'node:crypto';
import type { LeaseReading, LeaseStore } from '../../brokers/lease-store.ts';
import { leaseExpirySeconds, leaseText, leaseVersion, type ChangeLease } from '../../core/documents/change-lease.ts';
import { type Clock, seconds, type Seconds } from '../../core/clock.ts';
import { defined } from '../../core/defined.ts';
import { AppError } from '../../core/errors.ts';
import { holdLease, type HeldLease } from './hold-lease.ts';
import { faultIn, ownershipOf, releasedBy, watchHeartbeat, type LeaseOwnership } from './lease-ownership.ts';

export type LeaseClaim = Pick<ChangeLease, 'owner' | 'host' | 'change' | 'subject'>;

export interface LeaseIo {
  clock: Clock;
  signal: AbortSignal;
  tell(line: string): void;
  /** Shorter in tests only. */
  expiry?: Seconds;
}

export type Observation =
  | { kind: 'free' }
  | { kind: 'live'; holder: ChangeLease }
  | { kind: 'expired'; holder: ChangeLease; print: string }
  | { kind: 'unreadable'; place: string; reason: string }
  | { kind: 'unreachable'; fault: AppError };

type Takable = Extract<Observation, { kind: 'free' | 'expired' }>;

export type Acquisition =
  | { kind: 'acquired'; lease: HeldLease }
  | Exclude<Observation, { kind: 'free' }>
  /** Another operator acquired it at the same time. */
  | { kind: 'raced'; holder?: ChangeLease };

const defaultExpiry = seconds(leaseExpirySeconds);
const betweenReadings = seconds(1);
/** Maximum rounds of a contest; the losing side gives up in the first. */
const mostRounds = 4;
const tidyMs = 10_000;

/**
 * Reads the lease. While it is held, reads again until its heartbeat changes, or has not changed for the expiry.
 *
 * @param expired print of a lease that an earlier command saw expire
 */
export async function observeLease(store: LeaseStore, io: LeaseIo, expired?: string): Promise<Observation> {
  const { clock, signal, tell, expiry = defaultExpiry } = io;
  const watch = watchHeartbeat(clock, expiry);
  for (let reading = 1; ; reading++) {
    const readings = await store.read({ signal });
    const fault = faultIn(readings);
    if (fault !== undefined) return { kind: 'unreachable', fault };
    const ownership = ownershipOf(readings);
    if (ownership.kind === 'unreadable') return ownership;
    if (ownership.kind !== 'other') return { kind: 'free' };
    const { holder, print } = ownership;
    const state = print === expired ? 'expired' : watch(print);
    if (state === 'live') return { kind: 'live', holder };
    if (state === 'expired') return { kind: 'expired', holder, print };
    if (reading === 2) tell(`waiting up to ${expiry} s for a heartbeat of ${leaseText(holder)}`);
    await clock.sleep(betweenReadings, { signal });
  }
}

export interface Consent {
  /** Requests consent to take over an expired lease, and throws without it; absent if no takeover was requested. */
  takeOver?: (holder: ChangeLease) => Promise<void>;
  /** Observation from just before. */
  seen?: Observation;
  /** As in `observeLease`. */
  expired?: string;
}

/** @throws errors of `takeOver`, and the signal's reason; no lease is left behind then */
export async function acquireLease(
  store: LeaseStore,
  claim: LeaseClaim,
  io: LeaseIo,
  { takeOver, seen: before, expired }: Consent = {},
): Promise<Acquisition> {
  const seen = before ?? (await observeLease(store, io, expired));
  if (seen.kind !== 'free' && seen.kind !== 'expired') return seen;
  if (seen.kind === 'expired') {
    if (takeOver === undefined) return seen;
    await takeOver(seen.holder);
  }
  const now = io.clock.now().toISOString();
  const times = { startedAt: now, heartbeatAt: now, heartbeat: 0 };
  const lease: ChangeLease = { schemaVersion: leaseVersion, id: randomUUID(), ...claim, ...times };
  const clear = () => store.clear(releasedBy(lease.id), { signal: AbortSignal.timeout(tidyMs) });
  try {
    const ended = await contend(store, lease, io, seen);
    if (ended.kind === 'acquired') return ended;
    await clear();
    return ended.kind === 'raced' && ended.holder === undefined ? await seeWinner(store, lease.id, io) : ended;
  } catch (cause) {
    await clear().catch((left: unknown) => {
      io.tell(`a lease may remain until it expires: ${(left as Error).message}`);
    });
    throw cause;
  }
}

/** Retries after each contest that the other side gives up. */
async function contend(store: LeaseStore, lease: ChangeLease, io: LeaseIo, seen: Takable): Promise<Acquisition> {
  for (let round = 1; round <= mostRounds; round++) {
    const outcome = await contendOnce(store, lease, io, seen, round === 1);
    if (outcome !== undefined) return outcome;
  }
  return { kind: 'raced' };
}

/** @returns undefined while the contest continues */
async function contendOnce(
  store: LeaseStore,
  claimed: ChangeLease,
  { clock, signal, ...io }: LeaseIo,
  seen: Takable,
  isFirst: boolean,
): Promise<Acquisition | undefined> {
  if ((await store.enter({ signal })) === 'occupied') return racedIn(await store.read({ signal }), claimed.id);
  const from = clock.monotonic();
  const before = await store.read({ signal });
  const fault = faultIn(before);
  if (fault !== undefined) return { kind: 'unreachable', fault };
  const found = ownershipOf(before, claimed.id);
  if (!mayWrite(found, { seen, isFirst, id: claimed.id })) return racedIn(before, claimed.id);
  // A reassignment may have ended since `seen`.
  const lease = { ...claimed, ...defined({ placedBy: found.placedBy }) };
  const renewedAt = clock.monotonic();
  if ((await store.write(JSON.stringify(lease), { signal })) === 'fenced') return undefined;
  // A decision on an old reading may have overwritten the lease of an owner that has already verified it.
  if (store.settle > 0 && clock.monotonic() - from >= store.settle) {
    const message = `the lease store took more than ${store.settle} s for a reading and a write`;
    return { kind: 'unreachable', fault: new AppError('broker-unreachable', message) };
  }
  if (store.settle > 0) await clock.sleep(store.settle, { signal });
  const after = await store.read({ signal });
  const missing = faultIn(after);
  if (missing !== undefined) return { kind: 'unreachable', fault: missing };
  const ownership = ownershipOf(after, lease.id);
  if (ownership.kind === 'own' && ownership.isWhole) {
    return { kind: 'acquired', lease: holdLease(store, lease, { clock, ...io, renewedAt }) };
  }
  return mayWrite(ownership, { seen, isFirst: false, id: lease.id }) ? undefined : racedIn(after, lease.id);
}

/** True if the lease is as observed, or in a contest that this side wins. */
function mayWrite(
  ownership: LeaseOwnership,
  { seen, isFirst, id }: { seen: Takable; isFirst: boolean; id: string },
): boolean {
  if (ownership.kind === 'unreadable') return false;
  if (ownership.kind !== 'other') return true;
  if (seen.kind === 'expired' && ownership.print === seen.print) return true;
  // Of two contenders with the same reading, the smaller id wins: both decide alike. The holder has the smallest id of
  // the others.
  return !isFirst && ownership.isContested && id < ownership.holder.id;
}

/** Retries, because the other side may have entered and not written yet. */
async function seeWinner(store: LeaseStore, ownId: string, { clock, signal }: LeaseIo): Promise<Acquisition> {
  for (let reading = 1; ; reading++) {
    const raced = racedIn(await store.read({ signal }), ownId);
    if (raced.kind !== 'raced' || raced.holder !== undefined || reading === mostRounds) return raced;
    await clock.sleep(betweenReadings, { signal });
  }
}

function racedIn(readings: readonly LeaseReading[], ownId: string): Acquisition {
  const ownership = ownershipOf(readings, ownId);
  if (ownership.kind === 'unreadable') return ownership;
  return { kind: 'raced', ...(ownership.kind === 'other' && { holder: ownership.holder }) };
}
