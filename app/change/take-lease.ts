// Acquires the lease of a cluster for a command that changes it.

import type { ClusterConfig } from '../../brokers/config.ts';
import type { Io } from '../../brokers/driver.ts';
import type { LeaseStore } from '../../brokers/lease-store.ts';
import { openLeaseStore } from '../../brokers/open-by-kind.ts';
import { seconds } from '../../core/clock.ts';
import { defined } from '../../core/defined.ts';
import { leaseText, type ChangeLease } from '../../core/documents/change-lease.ts';
import { AppError, faultOf, ignoreFault } from '../../core/errors.ts';
import { acquireLease, observeLease, type Observation } from '../../ops/change/acquire-lease.ts';
import { recordAudit, type AuditLine } from '../../ops/change/audit.ts';
import {
  notedExpired,
  noteExpired,
  clearLeftLease,
  forgetNotedLease,
  noteLease,
  notedLease,
} from '../../ops/change/left-lease.ts';
import type { OwnLease } from '../../ops/change/held-journal.ts';
import type { HeldLease } from '../../ops/change/hold-lease.ts';
import { leaseRefusal } from '../../ops/change/lease-refusal.ts';
import { claimCluster, refuseClaimed } from '../../ops/change/local-claim.ts';
import { type Caller, lineWriter, stateFolderOf } from '../caller.ts';
import { operator } from './operator.ts';
import { currentFreeze, endText, freezeText } from '../../ops/change/freeze.ts';
import { changeRulesFor, type ChangeRules } from './change-rules.ts';
import { requireApproval } from './require-approval.ts';

export interface LeasedCluster {
  name: string;
  config: ClusterConfig;
  /** Text that must be typed to take over an expired lease; absent: the name in the config. */
  typed?: string;
  /** Name servers that this change adds or removes. */
  without?: readonly string[];
}

export interface LeaseClaims extends WantedChange {
  /** Observation from just before. */
  seen?: Observation;
  /** Whether a rollback needs the lease, as one without a journal; others proceed without it if the store does not respond. */
  isLeaseNeeded?: boolean;
  /** Whether the change proceeds without the lease if the store does not respond: it may start brokers that are all down. */
  mayBeDown?: boolean;
}

export interface TakenLease extends OwnLease, Pick<HeldLease, 'placedBy' | 'placesReplicas'>, AsyncDisposable {
  /** Called once nothing refuses the change any more: its entry in the audit log uses up the approval. */
  begin(): Promise<void>;
}

/**
 * @throws AppError change-frozen, approval-missing, approval-refused; change-under-way, lease-expired,
 *   lease-unreadable, lease-unreachable: nothing was changed
 */
export async function takeLease(
  io: Caller,
  cluster: LeasedCluster,
  what: LeaseClaims,
  open = openLeaseStore,
): Promise<TakenLease> {
  const { name, config, typed = name, without = [] } = cluster;
  const { clock, signal, options } = io;
  const tell = lineWriter(io);
  const permit = await permitChange(io, { name, typed }, what);
  const folder = stateFolderOf(io);
  const record = async (leaseId?: string) => {
    try {
      // Written to disk before anything changes.
      await recordAudit(folder, {
        schemaVersion: 1,
        at: clock.now().toISOString(),
        cluster: name,
        clusterId: typed,
        ...operator(io),
        change: what.change,
        subject: what.subject,
        ...permit,
      });
      if (leaseId !== undefined) await noteLease(folder, typed, { id: leaseId });
    } catch (cause) {
      // A full disk does not block a rollback.
      if (what.isBack !== true || !(cause instanceof AppError)) throw cause;
      tell(`rolling back without an entry in the audit log: ${cause.message}`);
    }
  };
  const mark = () =>
    claimCluster(folder, typed).catch((cause: unknown) => {
      if (what.isBack !== true) throw cause;
      tell(`rolling back although other processes cannot see it: ${(cause as Error).message}`);
      return undefined;
    });
  await using opening = new AsyncDisposableStack();
  const store = opening.use(await open(name, config, { without }));
  const claim = { ...operator(io), change: what.change, subject: what.subject.slice(0, longestSubject) };
  const isNew = what.isBack !== true && options['resume'] !== true;
  const takeOver = async (holder: ChangeLease) => {
    await io.confirm(typed, `The lease of ${leaseText(holder)} has expired and is taken over.`);
    tell(`taking over the lease of ${leaseText(holder)}`);
    // The lease was the only trace of that change in the cluster, and it is now replaced.
    if (isNew) {
      tell(
        `that change may not have ended: \`plimsoll ops status\` on ${holder.host} lists what it has changed, and --resume or --abort ends it there`,
      );
    }
  };
  if (what.seen === undefined) {
    // A name server that was down at its end may still have the lease. It is read again next, which reports an error.
    await removeNoted(store, { signal, isEnded: true }).catch((cause: unknown) => void faultOf(cause, io));
  }
  const expired = await notedExpired(folder, typed);
  const consent = defined({ takeOver: options['take-over'] === true ? takeOver : undefined, expired });
  const outcome = await acquireLease(
    store,
    claim,
    { clock, signal, tell },
    { ...consent, ...defined({ seen: what.seen }) },
  );
  if (outcome.kind === 'expired') await noteExpired(folder, typed, outcome.print);
  const mayGoWithout = what.mayBeDown === true || (what.isBack === true && what.isLeaseNeeded !== true);
  let isBegun = false;
  const release = async (lease: HeldLease) => {
    if (await lease.release()) return await forgetNotedLease(folder, typed);
    await noteLease(folder, typed, { id: lease.id, hasEnded: true }).catch(
      ignoreFault('the next change then needs --take-over, which the message above says'),
    );
  };
  if (outcome.kind === 'acquired') opening.defer(() => release(outcome.lease));
  else if (outcome.kind !== 'unreachable' || !mayGoWithout) throw leaseRefusal(typed, outcome);
  else {
    tell(
      `${what.isBack === true ? 'rolling back' : 'continuing'} without the lease of the cluster: ${outcome.fault.message}. Make sure that no other change is running on it`,
    );
    // Without a lease, the command did not offer to take over the one of a killed process. The cluster may respond by now.
    opening.defer(async () => {
      if (!isBegun || taken.id !== undefined || signal.aborted) return;
      try {
        // A store remembers for a while who did not answer.
        await using again = await open(name, config, { without });
        await removeNoted(again, { signal: AbortSignal.any([signal, AbortSignal.timeout(tidyMs)]) });
      } catch (cause) {
        tell(
          `the lease of a former process of this machine may remain, and the next change then needs --take-over: ${(cause as Error).message}`,
        );
      }
    });
  }
  const lease = outcome.kind === 'acquired' ? outcome.lease : undefined;
  const marked = opening.use(await mark());
  if (marked !== undefined) await refuseClaimed(marked, typed);
  const opened = opening.move();
  const taken: TakenLease = {
    ...(lease ?? { ...noLease, storeIs: acquireLate }),
    async begin() {
      await record(lease?.id);
      isBegun = true;
    },
    [Symbol.asyncDispose]: () => opened[Symbol.asyncDispose](),
  };
  return taken;

  /** Once a server of the store serves again, the change goes on without the lease only if the others keep it unreadable. */
  async function acquireLate(state: 'stopped' | 'serving', { signal: within }: Io): Promise<void> {
    const lateIo = { clock, signal: within, tell };
    for (let attempt = 1; state === 'serving' && attempt <= mostLateAttempts; attempt++) {
      if (attempt > 1) await clock.sleep(seconds(1), lateIo);
      await using trying = new AsyncDisposableStack();
      const again = trying.use(await open(name, config, { without }));
      await removeNoted(again, lateIo).catch((cause: unknown) => void faultOf(cause, lateIo));
      const late = await acquireLease(again, claim, lateIo, consent);
      if (late.kind === 'unreachable') continue;
      if (late.kind === 'expired') await noteExpired(folder, typed, late.print);
      if (late.kind !== 'acquired') throw leaseRefusal(typed, late);
      opened.use(trying.move());
      opened.defer(() => release(late.lease));
      Object.assign(taken, { ...late.lease, [Symbol.asyncDispose]: taken[Symbol.asyncDispose] });
      await noteLease(folder, typed, { id: late.lease.id }).catch(
        ignoreFault('a killed process then needs --take-over'),
      );
      tell('this process now holds the lease of the cluster');
      return;
    }
  }

  async function removeNoted(at: LeaseStore, { isEnded = false, ...within }: Io & { isEnded?: boolean }) {
    const noted = await notedLease(folder, typed);
    if (noted === undefined || (isEnded && noted.hasEnded !== true)) return;
    const left = await clearLeftLease(at, noted.id, { clock, tell, ...within });
    if (left === 'live') return;
    await forgetNotedLease(folder, typed);
    const whose = isEnded
      ? 'a change of this machine that has ended'
      : 'a former process of this machine, which no longer renewed it';
    if (left === 'cleared') tell(`removed the lease of ${whose}`);
  }
}

const noLease = {
  check: () => {},
  isLost: () => false,
  otherHolder: async () => undefined,
  placesReplicas: async () => {},
};

const tidyMs = 60_000;
/** A process that has just started may answer late. */
const mostLateAttempts = 3;

/** Observes the lease; if it is held, waits for a heartbeat. */
export async function seeLease(
  io: Caller,
  { name, config, typed = name, without = [] }: LeasedCluster,
): Promise<Observation> {
  await using store = await openLeaseStore(name, config, { without });
  const tell = lineWriter(io);
  const folder = stateFolderOf(io);
  const expired = await notedExpired(folder, typed);
  const seen = await observeLease(store, { clock: io.clock, signal: io.signal, tell }, expired);
  if (seen.kind === 'expired') await noteExpired(folder, typed, seen.print);
  return seen;
}

/** Limits the subject, because a document must fit into 4096 bytes (Kafka's offset.metadata.max.bytes). */
const longestSubject = 200;

interface WantedChange {
  change: string;
  subject: string;
  /** The change is a rollback. */
  isBack?: boolean;
}

type Permit = Pick<AuditLine, 'duringFreeze' | 'approval'>;

/**
 * @param cluster `typed`: name or id that its brokers report
 * @throws AppError change-frozen, approval-missing, approval-refused, usage; config-unreadable, config-invalid
 */
export async function permitChange(
  io: Caller,
  cluster: { name: string; typed: string },
  what: WantedChange,
): Promise<Permit> {
  const rules = await changeRulesFor(io, cluster);
  const frozen = checkFreeze(io, rules, what);
  // A resumed change was approved when it started.
  if (what.isBack === true || io.options['resume'] === true) return frozen;
  const approval = await requireApproval(io, rules, cluster, what);
  return { ...frozen, ...(approval && { approval }) };
}

function checkFreeze(
  { options, clock, stderr }: Caller,
  { freezes, clusters }: ChangeRules,
  { change, subject, isBack = false }: WantedChange,
): Pick<Permit, 'duringFreeze'> {
  const reason = overrideReason(options['during-freeze']);
  const [frozen] = clusters.flatMap((cluster) => {
    const span = currentFreeze(freezes, cluster, clock.now());
    return span === undefined ? [] : [{ cluster, span }];
  });
  if (frozen === undefined) return {};
  const { cluster, span } = frozen;
  const { freeze } = span;
  const what = `${cluster} is frozen ${endText(span)} (${freezeText(freeze)}): ${freeze.reason}`;
  if (isBack) {
    stderr.write(`${what}; rolling back is allowed during a freeze\n`);
    return {};
  }
  if (reason === undefined) {
    throw new AppError('change-frozen', `${change} of ${subject} is refused: ${what}; nothing was changed`);
  }
  stderr.write(`${what}; starting during the freeze: ${reason}\n`);
  return { duringFreeze: { freeze: freezeText(freeze), freezeReason: freeze.reason, reason } };
}

function overrideReason(given: string | undefined): string | undefined {
  if (given === undefined) return undefined;
  const reason = given.trim();
  if (reason.length >= shortestReason) return reason;
  throw new AppError(
    'usage',
    `--during-freeze ${JSON.stringify(given)}: give a reason of at least ${shortestReason} letters`,
  );
}

const shortestReason = 10;
