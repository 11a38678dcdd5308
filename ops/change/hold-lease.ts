// Renews a lease until it is released, and reports its loss.

import type { Io } from '../../brokers/driver.ts';
import type { LeaseStore } from '../../brokers/lease-store.ts';
import { isRefusedConnection } from '../../brokers/network-errors.ts';
import { leaseExpirySeconds, leaseText, type ChangeLease, type PlacedBy } from '../../core/documents/change-lease.ts';
import { type Clock, seconds, type Seconds } from '../../core/clock.ts';
import { defined } from '../../core/defined.ts';
import { AppError, ignoreFault } from '../../core/errors.ts';
import { ownershipOf, releasedBy } from './lease-ownership.ts';

export interface HeldLease extends AsyncDisposable {
  readonly id: string;
  /** Last reassignment before this lease; absent if none is known. */
  readonly placedBy?: PlacedBy;
  /** Called when a reassignment begins. @param startedAt of its journal */
  placesReplicas(startedAt: string): Promise<void>;
  /** Called before each modification. @throws AppError lease-lost, on every call */
  check(): void;
  isLost(): boolean;
  /**
   * `stopped`: this change has stopped a server of the store. If it is the only one, nobody can take over the lease, so
   * its age does not count until the next renewal. `serving`: the server runs again; waits until no earlier decision of another process can
   * still replace the lease. @throws AppError lease-lost
   */
  storeIs(state: 'stopped' | 'serving', io: Io): Promise<void>;
  /** Called after the loss. @returns the current holder; undefined if there is none, or the cluster does not report it */
  otherHolder(): Promise<ChangeLease | undefined>;
  /** @returns false if the lease stays in the cluster until it expires */
  release(): Promise<boolean>;
}

export interface HoldIo {
  clock: Clock;
  tell(line: string): void;
  expiry?: Seconds;
  /** Monotonic time of the last write of the lease. */
  renewedAt: Seconds;
}

/** An owner whose heartbeat stops gives up before another process may take over the lease. */
const shareOfExpiry = { beat: 1 / 20, keep: 3 / 4 };
const tidyMs = 10_000;

/** The store must stay open until the lease is released; the caller closes it afterwards. */
export function holdLease(store: LeaseStore, first: ChangeLease, io: HoldIo): HeldLease {
  const { clock, tell } = io;
  const expiry = io.expiry ?? leaseExpirySeconds;
  const keep = seconds(expiry * shareOfExpiry.keep);
  const stopping = new AbortController();
  // Writes are awaited rather than aborted, because a write in progress must come before the release.
  const unhurried = { signal: new AbortController().signal };
  let lease = first;
  let { placedBy } = first;
  let { renewedAt } = io;
  let lost: AppError | undefined;
  let trouble: string | undefined;
  let stoppedAt: Seconds | undefined;

  const lose = (why: string) => {
    lost ??= new AppError('lease-lost', `this process no longer holds the lease of the cluster: ${why}`);
  };

  function faultNow(): AppError | undefined {
    const age = clock.monotonic() - renewedAt;
    const isStopped = stoppedAt !== undefined && renewedAt <= stoppedAt;
    if (age >= keep && !isStopped)
      lose(`it was not renewed for ${Math.round(age)} s${trouble === undefined ? '' : `: ${trouble}`}`);
    return lost;
  }

  /** @returns whether the lease is valid and may be written now */
  async function stands(): Promise<boolean> {
    const from = clock.monotonic();
    const readings = await store.read(unhurried);
    const answered = readings.filter((each) => each.kind === 'read');
    if (answered.length === 0) {
      trouble = readings[0]?.kind === 'unreachable' ? readings[0].fault.message : 'no place to read it from';
      return false;
    }
    const ownership = ownershipOf(readings, lease.id);
    if (ownership.kind === 'other') lose(`${leaseText(ownership.holder)} took it over`);
    if (ownership.kind === 'unreadable') lose(`${ownership.place} has another document: ${ownership.reason}`);
    if (ownership.kind === 'free') lose('it was deleted');
    // If this process was delayed since the reading, another owner may have written: read again at the next heartbeat.
    const isStale = store.settle > 0 && clock.monotonic() - from >= store.settle / 2;
    return ownership.kind === 'own' && !isStale;
  }

  async function renew(): Promise<void> {
    if (!(await stands())) return;
    const at = clock.monotonic();
    const next = {
      ...lease,
      ...defined({ placedBy }),
      heartbeat: lease.heartbeat + 1,
      heartbeatAt: clock.now().toISOString(),
    };
    if ((await store.write(JSON.stringify(next), unhurried)) === 'written') {
      lease = next;
      renewedAt = at;
      trouble = undefined;
      return;
    }
    // The coordinator was away, or another process wants to enter.
    if ((await store.enter(unhurried)) === 'occupied') lose('another process has entered its group');
  }

  async function keepRenewing(): Promise<void> {
    const { signal } = stopping;
    while (lost === undefined && !signal.aborted) {
      try {
        await clock.sleep(seconds(expiry * shareOfExpiry.beat), { signal });
        await renew();
      } catch (cause) {
        if (signal.aborted) return;
        if (!(cause instanceof AppError)) throw cause;
        trouble = cause.message;
      }
    }
  }

  const renewing = keepRenewing().catch((cause: unknown) => lose((cause as Error).message));

  async function release(): Promise<boolean> {
    stopping.abort();
    await renewing;
    try {
      await store.clear(releasedBy(lease.id, placedBy), { signal: AbortSignal.timeout(tidyMs) });
      return true;
    } catch (cause) {
      tell(`the lease could not be released and expires after ${expiry} s: ${(cause as Error).message}`);
      return false;
    }
  }

  function check(): void {
    const fault = faultNow();
    if (fault !== undefined) throw new AppError(fault.code, fault.message, { cause: fault, hint: fault.hint });
  }

  return {
    id: first.id,
    ...defined({ placedBy }),
    check,
    async storeIs(state, io) {
      if (state === 'stopped') {
        check();
        const [only, another] = await store.read(io);
        if (another === undefined && only?.kind === 'unreachable' && isRefusedConnection(only.fault))
          stoppedAt = clock.monotonic();
        return;
      }
      if (stoppedAt === undefined) return;
      const from = clock.monotonic();
      if (renewedAt <= stoppedAt) renewedAt = from;
      stoppedAt = undefined;
      while (renewedAt <= from) {
        check();
        await clock.sleep(seconds(1), io);
      }
      // Another process may have decided on the heartbeat from before the stop.
      await clock.sleep(store.settle, io);
      while (!(await stands())) {
        check();
        await clock.sleep(seconds(1), io);
      }
      check();
    },
    async placesReplicas(startedAt) {
      placedBy = { startedAt, by: leaseText(first) };
      await renew().catch(ignoreFault('the next heartbeat writes it'));
    },
    release,
    isLost: () => faultNow() !== undefined,
    async otherHolder() {
      const readings = await store.read({ signal: AbortSignal.timeout(tidyMs) }).catch(ignoreFault('nobody is known'));
      const ownership = ownershipOf(readings ?? [], lease.id);
      return ownership.kind === 'other' ? ownership.holder : undefined;
    },
    async [Symbol.asyncDispose]() {
      await release();
    },
  };
}
