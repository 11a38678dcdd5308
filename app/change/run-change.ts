// Plans, executes, resumes or rolls back a change, in the same way for every kind of change with facts and steps.

import { join } from 'node:path';
import type { Io } from '../../brokers/driver.ts';
import type { Finding } from '../../core/documents/analysis.ts';
import type { ChangeStatus } from '../../core/documents/change-record.ts';
import { bySeverity } from '../../core/severity.ts';
import { AppError } from '../../core/errors.ts';
import type { Seconds } from '../../core/clock.ts';
import { canonicalJson } from '../../ops/change/approvable-plan.ts';
import { carryOut, type Arrival } from '../../ops/change/carry-out.ts';
import { oneFinding, type ChangeKind, type PlannedChange } from '../../ops/change/change-kind.ts';
import { named } from '../../core/text/bilingual.ts';
import type { HeldChange } from '../../ops/change/held-journal.ts';
import {
  readJournal,
  runningChanges,
  type ChangeJournal,
  journalFolders,
  type StepRecord,
} from '../../ops/change/journal.ts';
import type { Blocker, Step } from '../../ops/change/step.ts';
import { type Caller, type CommonRequest, lineWriter, stateFolderOf } from '../caller.ts';
import { type NamedEntry, verifyCluster, verifyUnlessDown } from '../observe/named-cluster.ts';
import { beginChange, claimsOf, continueBegun, refusalOf, type Beginning, type Carried } from './journaled-change.ts';
import { plannedSteps } from './planned-steps.ts';
import { offerForApproval, type PlannedSteps } from './require-approval.ts';

export interface RequestedChange<Facts extends object, Tools> {
  kind: ChangeKind<Facts, Tools>;
  /** Broker, topic, group or address to change. */
  subject: string;
  tools: Tools;
  /** Folder of its journal. */
  folder: (typeof journalFolders)[number];
  /** @param shown facts of the plan shown before the confirmation, if it is planned again under the lease */
  plan(io: Io, shown?: Facts): Promise<PlannedChange<Facts>>;
  /**
   * Called under the lease, before an interrupted change continues: the findings of its plan may have changed. Accepted
   * findings stay accepted.
   */
  recheck?(facts: Facts, io: Io): Promise<readonly Finding[]>;
  /** Applies decisions made while the change is under way. */
  amend?(facts: Facts): Facts;
  /** Called under the lease, before an interrupted change continues in either direction. */
  continues?(facts: Facts, action: Action): Promise<void>;
  /** What a second person approves; absent: the texts of the steps. */
  approval?(facts: Facts, steps: PlannedSteps): PlannedSteps;
  /** Shows the plan before the confirmation; absent: its steps and findings. */
  show?(findings: readonly Finding[]): void;
  /** Text to confirm the change. */
  summary?(facts: Facts): string;
  /** Text to confirm its rollback. */
  undoSummary?: string;
  /** As in take-lease.ts. */
  isLeaseNeeded?: boolean;
  /** As in journaled-change.ts. */
  isOnce?: boolean;
  /** Whether --execute continues this change, which a killed process began. */
  resumes?(facts: Facts): Promise<boolean>;
  /** Additional text that must be typed to begin, such as the name of a topic to delete. */
  deletes?: string;
  /** Name servers that the change adds or removes. */
  movingServers?: readonly string[];
  /** The plan shows why brokers do not respond, so it is made before the cluster is verified. */
  plansFirst?: boolean;
  /**
   * Text that must be typed if no broker responds. The change may then continue without the lease, and with
   * `plansFirst` also begin.
   */
  typedWhenDown?: string;
  /** A step that fails, or is blocked longer than --wait, rolls the change back. */
  abortsWhenHeld?: boolean;
  /** As in ops/change/carry-out.ts. */
  rollsBackWhenStopped?: boolean;
  /** Called under the lease, before the journal is created. */
  prepare?(): Promise<void>;
  /** Called after the last step, in either direction. */
  arrived?(action: Action): Promise<void>;
}

/** A change that gets its tools and its journal from the kind of cluster. */
export type AdministeredChange<Facts extends object, Tools> = Omit<RequestedChange<Facts, Tools>, 'tools' | 'folder'>;

export type ChangeRequest = CommonRequest &
  Readonly<{ execute: boolean; resume: boolean; abort: boolean; wait: Seconds; gone?: readonly string[] }>;

export type AnyChangeRequest = CommonRequest & Partial<Pick<ChangeRequest, 'abort' | 'wait' | 'gone'>>;

export interface ChangeState<Facts> {
  cluster: string;
  change: string;
  subject: string;
  status: Exclude<ChangeStatus, 'paused'>;
  facts: Facts;
  findings: readonly Finding[];
  steps: readonly Step<Facts>[];
  records: readonly StepRecord[];
  holds: readonly Blocker[];
  path: string;
}

/** @throws AppError usage, not-found, change-refused; change-under-way and other lease errors; errors of its steps */
export async function runChange<Facts extends object, Tools>(
  io: Caller<AnyChangeRequest>,
  entry: NamedEntry,
  change: RequestedChange<Facts, Tools>,
): Promise<ChangeState<Facts>> {
  const { options, signal } = io;
  const tell = lineWriter(io);
  const { kind, subject, tools, deletes, movingServers: without = [], isLeaseNeeded = false, isOnce = false } = change;
  const { name: cluster } = entry;
  const requested = actionOf(options);
  const identity = { cluster, change: kind.name, subject };
  // A change that verifies the cluster first begins only if a broker responds.
  const mayBeDown = change.typedWhenDown !== undefined && (change.plansFirst === true || requested !== 'execute');
  const claims = { ...claimsOf(io, identity, change.folder), mayBeDown, isLeaseNeeded };
  const { path } = claims;
  const before = await readJournal(path, kind.facts);
  const isRunning = before?.status === 'running';
  const isResumed = requested === 'execute' && isRunning && (await change.resumes?.(before.facts)) === true;
  const action = isResumed ? 'resume' : requested;

  if (action === 'resume' || action === 'abort') {
    const { undoSummary = `${kind.name} of ${subject} is rolled back in cluster ${cluster}.` } = change;
    const continued = {
      ...claims,
      schema: kind.facts,
      action,
      undoSummary,
      amend(journal: ChangeJournal<Facts>) {
        journal.facts = change.amend?.(journal.facts) ?? journal.facts;
      },
    };
    const resuming = { ...io, options: { ...options, resume: action === 'resume' } };
    return shown(await continueBegun(resuming, { ...entry, without }, continued, travel));
  }

  if (action === 'execute' && isRunning && !isOnce) throw refusalOf(before, path);
  const isVerifiedFirst = action === 'execute' && change.plansFirst !== true;
  const verifiedFirst = isVerifiedFirst ? await verifyCluster(entry, io) : undefined;
  const { facts, holds = [], findings } = await plan();
  const steps = kind.steps(facts, tools);
  const why = `no broker of ${cluster} answers, so its id is not compared`;
  const whenDown = change.typedWhenDown === undefined ? undefined : { typed: change.typedWhenDown, why };
  const verify = (isRequired?: boolean) => verifyUnlessDown(io, entry, whenDown, isRequired);
  const approvable = plannedSteps(steps);
  await offerForApproval(io, entry, claims, change.approval?.(facts, approvable) ?? approvable, () => verify(false));
  const planned = { ...identity, facts, findings, steps, records: isRunning ? before.steps : [], holds, path };
  if (action === 'plan') return { ...planned, status: 'planned' };
  const what = `${kind.name} of ${subject}`;
  refuseCritical(what, findings);
  if (steps.length === 0) return { ...planned, status: 'done' };
  const typed = verifiedFirst ?? (await verify());
  const show = (found: readonly Finding[]) => {
    tell(`plan of ${what} on cluster ${cluster}:`);
    for (const { by, description } of steps) tell(`  ${by === 'operator' ? 'by hand: ' : ''}${description}`);
    for (const { severity, message } of found) tell(`  ${severity}: ${message}`);
  };
  (change.show ?? show)(findings);
  const start: Beginning<Facts> = {
    ...claims,
    isOnce,
    summary: change.summary?.(facts) ?? `${what} changes cluster ${cluster}.`,
    facts,
    before: findings,
    ...(deletes !== undefined && { deletes }),
    async prepare() {
      // Another change may have ended while this one waited for confirmation and lease.
      tell('checking the plan again, under the lease of the cluster');
      const current = await plan(facts);
      refuseCritical(what, current.findings);
      const added = findingsSince(findings, current.findings);
      for (const { severity, message } of added) tell(`  since the plan was shown: ${severity}: ${message}`);
      const now = kind.steps(current.facts, tools);
      if (actionsText(now) !== actionsText(steps)) {
        const shownBefore = new Set(steps.map(({ description }) => description));
        const unseen = now.filter(({ description }) => !shownBefore.has(description));
        for (const { description } of unseen.length > 0 ? unseen : now) tell(`  needed now: ${description}`);
        throw new AppError(
          'change-refused',
          `${what} was not started: the cluster, or a file for it, was changed since the plan was shown, and other steps are needed now`,
          { hint: 'run the command again to see the new plan' },
        );
      }
      await change.prepare?.();
      return { facts: current.facts, before: current.findings };
    },
  };
  return shown(await beginChange(io, { ...entry, typed, without }, start, travel));

  async function plan(known?: Facts): Promise<PlannedChange<Facts>> {
    const planned = await change.plan({ signal }, known);
    return { ...planned, findings: [...planned.findings, ...(await otherChanges(io, identity))] };
  }

  async function travel(held: HeldChange<Facts>): Promise<Arrival> {
    const { journal } = held;
    if (held.isNew !== true) await change.continues?.(journal.facts, action);
    if (action === 'resume' && change.recheck !== undefined) {
      const { before: begun = { at: journal.startedAt, findings: [] } } = journal.checks;
      const accepted = new Set(begun.findings.filter(({ severity }) => severity === 'warning').map(factOf));
      const current = await change.recheck(journal.facts, { signal });
      const added = current.filter((each) => !accepted.has(factOf(each)));
      refuseCritical(`${kind.name} of ${subject}`, added, 'continued');
      for (const { severity, message } of added) tell(`  ${severity}: ${message}`);
      const warnings = added.filter(({ severity }) => severity === 'warning');
      journal.checks.before = { ...begun, findings: [...begun.findings, ...warnings] };
    }
    const { abortsWhenHeld = false, rollsBackWhenStopped = false } = change;
    const how = { abortsWhenHeld, rollsBackWhenStopped, endsWhenRefused: held.isNew };
    const arrival = await carryOut({ ...held, ...how, steps: kind.steps(journal.facts, tools) }, options.wait);
    if (arrival.kind !== 'held') await change.arrived?.(action);
    return arrival;
  }

  function shown({
    result: arrival,
    state: { facts, checks, steps: records },
    kept,
  }: Carried<Facts, Arrival>): ChangeState<Facts> {
    const steps = kind.steps(facts, tools);
    const holds = 'holds' in arrival ? (arrival.holds ?? []) : [];
    const status = arrival.kind === 'paused' ? 'held' : arrival.kind;
    return { ...identity, facts, findings: checks.before?.findings ?? [], steps, records, holds, status, path: kept };
  }
}

/**
 * Identifies a finding by code and evidence names, which include the group; figures and severity may differ in the next
 * reading. A warning that needs no acceptance has a different code than a finding that refuses.
 */
const factOf = ({ code, evidence }: Finding): string => canonicalJson([code, ...evidence.map(({ name }) => name)]);

/** @param what name of the change in the message. @throws AppError change-refused */
export function refuseCritical(
  what: string,
  found: readonly Finding[],
  action: 'started' | 'continued' = 'started',
): void {
  const bad = found.filter(({ severity }) => severity === 'critical');
  if (bad.length === 0) return;
  throw new AppError('change-refused', `${what} was not ${action}: ${bad.map(({ message }) => message).join('; ')}`);
}

/** Ignores how steps are undone, which may differ: a crash-looping instance runs at one time and not at the next. */
const actionsText = (steps: readonly Step<object>[]): string =>
  canonicalJson(steps.map(({ id, by = 'plimsoll', description, how }) => ({ id, by, description, how })));

export type Action = 'plan' | 'execute' | 'resume' | 'abort';

/** @throws AppError usage if two are given */
export function actionOf(options: AnyChangeRequest): Action {
  const action = onlyOneOf(['execute', 'resume', 'abort'], options) ?? 'plan';
  if (action === 'abort' || (options.gone ?? []).length === 0) return action;
  throw new AppError('usage', '--gone ends a rollback: give it with --abort');
}

/** @throws AppError usage if two are given */
export function onlyOneOf<Name extends string>(
  names: readonly Name[],
  options: Readonly<Partial<Record<Name, boolean | undefined>>>,
): Name | undefined {
  const [name, another] = names.filter((each) => options[each]);
  if (another === undefined) return name;
  throw new AppError('usage', `--${name} and --${another} exclude each other`);
}

/**
 * Messages may contain changing figures, so a finding with a known code is new only if more findings have the code, or
 * a more severe one.
 */
function findingsSince(shown: readonly Finding[], now: readonly Finding[]): Finding[] {
  const texts = new Set(shown.map(({ severity, message }) => `${severity} ${message}`));
  const asSevere = (of: Finding, among: readonly Finding[]) =>
    among.filter((each) => each.code === of.code && bySeverity(each, of) <= 0).length;
  return now.filter(
    (each) => !texts.has(`${each.severity} ${each.message}`) && asSevere(each, now) > asSevere(each, shown),
  );
}

/** Finds unfinished changes of the cluster, of every kind. @throws AppError change-unreadable, no-permission: if it scales */
export async function otherChanges(
  io: Pick<Caller, 'options' | 'environment'>,
  { cluster, change, subject }: Pick<ChangeJournal, 'cluster' | 'change' | 'subject'>,
): Promise<Finding[]> {
  const folders = journalFolders.map((folder) => runningChanges(join(stateFolderOf(io), folder)));
  const found = await Promise.all(folders).catch((cause: unknown) => {
    if (!(cause instanceof AppError) || change.startsWith('scale-')) throw cause;
    return cause;
  });
  if (found instanceof AppError) {
    return oneFinding('warning', 'other-change', {
      en: `unknown whether another change is under way on the cluster: ${found.message}`,
      zh: `无法确认同一集群上是否有其他变更进行中：${found.message}`,
    });
  }
  const others = found
    .flat()
    .filter((each) => each.cluster === cluster && (each.change !== change || each.subject !== subject));
  if (others.length === 0) return [];
  const subjects = (of: string) => others.map(({ change: name, subject }) => `${name}${of}${subject}`);
  const isSame = others.some((other) => other.change === change && change.startsWith('scale-'));
  return oneFinding(isSame ? 'critical' : 'warning', 'other-change', {
    en: `under way on the same cluster: ${named(subjects(' of '))}`,
    zh: `同一集群上有其他变更进行中：${named(subjects(' '), 5, 'zh')}`,
  });
}
