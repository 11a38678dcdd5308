// Plans, carries out, resumes or aborts a change of a RocketMQ cluster: the same way for every kind of change.

import { join } from 'node:path';
import { openChangeDesk, type ChangeDesk } from '../../../brokers/rocketmq/changes/change-desk.ts';
import type { Io } from '../../../brokers/driver.ts';
import type { Finding } from '../../../core/documents/analysis.ts';
import { AppError, isUnreachable } from '../../../core/errors.ts';
import { carryOut, type Arrival } from '../../../ops/change/carry-out.ts';
import type { HeldJournal } from '../../../ops/change/held-journal.ts';
import {
  journalFile,
  readJournal,
  runningChanges,
  type ChangeJournal,
  type StepRecord,
} from '../../../ops/change/journal.ts';
import type { Blocker, Step } from '../../../ops/change/step.ts';
import { finding, named, type ChangeKind, type PlannedChange } from '../../../ops/rocketmq/change.ts';
import { stateFolderOf } from '../../state-folder.ts';
import {
  beginChange,
  continueChange,
  noneUnderWay,
  refusalOf,
  verifyBegun,
  type Carried,
} from '../journaled-change.ts';
import { offerForApproval } from '../require-approval.ts';
import { keepKnownBrokers } from '../known-brokers.ts';
import { verifyCluster } from '../../observe/verify-cluster.ts';
import type { Seconds } from '../../../core/units.ts';
import type { RocketmqClusterConfig } from '../../../brokers/rocketmq/config.ts';
import type { Caller } from '../../caller.ts';
import { plannedSteps } from './planned-steps.ts';

export interface RequestedChange<Facts extends object> {
  kind: ChangeKind<Facts>;
  subject: string;
  /** Name servers that come or go with the change. */
  movingServers?: readonly string[];
  plan(desk: ChangeDesk, io: Io): Promise<PlannedChange<Facts>>;
  /** What may be decided while the change is under way. */
  amend?: { giveUpReplay: boolean; ignoredGroups: readonly string[] };
}

export type ChangeRequest = Readonly<{ execute: boolean; resume: boolean; abort: boolean; wait: Seconds }>;

/** The current state of a change. */
export interface ChangeState<Facts> {
  cluster: string;
  change: string;
  subject: string;
  status: 'planned' | 'held' | 'done' | 'aborted';
  facts: Facts;
  findings: readonly Finding[];
  steps: readonly Step<Facts>[];
  records: readonly StepRecord[];
  holds: readonly Blocker[];
  path: string;
}

export async function runChange<Facts extends object>(
  io: Caller<ChangeRequest>,
  { name: cluster, config }: { name: string; config: RocketmqClusterConfig },
  change: RequestedChange<Facts>,
): Promise<ChangeState<Facts>> {
  const { options, stderr, clock, signal } = io;
  const { kind, subject } = change;
  const { wait } = options;
  const action = actionOf(options);
  const folder = stateFolderOf(io);
  const path = journalFile(folder, journals, [cluster, kind.name, subject]);
  const before = await readJournal(path, kind.facts);
  await using desk = openChangeDesk(cluster, config);

  const tell = (line: string) => stderr.write(`${line}\n`);
  const identity = { cluster, change: kind.name, subject };
  const entry = { name: cluster, config };
  const { movingServers: without = [] } = change;
  const claims = { change: kind.name, subject, path };

  if (action === 'resume' || action === 'abort') {
    if (before?.status !== 'running') throw noneUnderWay(claims, action);
    const isBack = action === 'abort';
    const typed = await verifyBegun(io, entry, before, { isBack });
    const continued = {
      ...claims,
      schema: kind.facts,
      isBack,
      ...(isBack && { says: `${kind.name} of ${subject} is rolled back in cluster ${cluster}.` }),
      amend(journal: ChangeJournal<Facts>) {
        if (!isBack) journal.direction = 'forward';
        journal.facts = amended(journal.facts, change.amend);
      },
    };
    return shown(await continueChange(io, { ...entry, typed, without }, continued, travel));
  }

  const typed = action === 'execute' ? await verifyCluster(entry, io) : cluster;
  const isRunning = before?.status === 'running';
  const planned = await change.plan(desk, { signal });
  const others = (await runningChanges(join(folder, journals))).filter(
    (state) => state.cluster === cluster && (state.change !== kind.name || state.subject !== subject),
  );
  const findings = [...planned.findings, ...findingsOfOthers(kind.name, others)];
  const steps = kind.steps(planned.facts, { desk, clock });
  await offerForApproval(io, entry, claims, plannedSteps(steps));
  if (action === 'plan') {
    const records = isRunning ? before.steps : [];
    return {
      ...identity,
      facts: planned.facts,
      findings,
      steps,
      records,
      holds: planned.holds,
      status: 'planned',
      path,
    };
  }
  if (isRunning) throw refusalOf(before, path);
  const bad = findings.filter(({ severity }) => severity === 'critical');
  if (bad.length > 0) {
    throw new AppError(
      'change-refused',
      `${kind.name} of ${subject} is not begun: ${bad.map(({ message }) => message).join('; ')}`,
    );
  }
  const start = {
    ...claims,
    says: `${kind.name} of ${subject} changes cluster ${cluster}.`,
    facts: planned.facts,
    before: findings,
    prepare: () => keepKnownBrokers(io, entry, kind.name === 'scale-in' ? { leaving: subject } : {}),
  };
  return shown(await beginChange(io, { ...entry, typed, without }, start, travel));

  async function travel(journal: ChangeJournal<Facts>, held: HeldJournal): Promise<Arrival> {
    const steps = kind.steps(journal.facts, { desk, clock });
    const arrival = await carryOut({ ...held, journal, steps, clock, signal, tell }, wait);
    if (arrival.kind !== 'held') await keepKnown();
    return arrival;
  }

  function shown({
    result: arrival,
    state: { facts, checks, steps: records },
    kept,
  }: Carried<Facts, Arrival>): ChangeState<Facts> {
    const steps = kind.steps(facts, { desk, clock });
    const holds = arrival.kind === 'held' ? arrival.holds : [];
    const status = arrival.kind === 'held' ? 'held' : arrival.kind === 'rolled-back' ? 'aborted' : 'done';
    return { ...identity, facts, findings: checks.before?.findings ?? [], steps, records, holds, status, path: kept };
  }

  async function keepKnown(): Promise<void> {
    try {
      await keepKnownBrokers(io, entry, kind.name === 'scale-out' ? { joining: subject } : {});
    } catch (cause) {
      if (action !== 'abort' || !(cause instanceof AppError && isUnreachable(cause))) throw cause;
      tell(`the known brokers of ${cluster} were not compared: ${cause.message}`);
    }
  }
}

const journals = 'rocketmq-changes';
type Action = 'plan' | 'execute' | 'resume' | 'abort';

/** @throws AppError usage where two are given */
export function actionOf(options: Pick<ChangeRequest, 'execute' | 'resume' | 'abort'>): Action {
  const given = (['execute', 'resume', 'abort'] as const).filter((name) => options[name]);
  const [action = 'plan', another] = given;
  if (another === undefined) return action;
  throw new AppError('usage', `--${action} and --${another} exclude each other`);
}

function findingsOfOthers(change: string, others: readonly ChangeJournal[]) {
  if (others.length === 0) return [];
  const words = named(others.map((other) => `${other.change} of ${other.subject}`));
  const isSame = others.some((other) => other.change === change && change.startsWith('scale-'));
  return [finding(isSame ? 'critical' : 'warning', 'other-change', `under way on the same cluster: ${words}`)];
}

/** A group that is ignored, and a replay that is given up, stay so. */
function amended<Facts extends object>(facts: Facts, amend: RequestedChange<Facts>['amend']): Facts {
  if (amend === undefined) return facts;
  const { giveUpReplay, ignoredGroups } = facts as { giveUpReplay?: boolean; ignoredGroups?: readonly string[] };
  return {
    ...facts,
    giveUpReplay: giveUpReplay === true || amend.giveUpReplay,
    ignoredGroups: [...new Set([...(ignoredGroups ?? []), ...amend.ignoredGroups])],
  };
}
