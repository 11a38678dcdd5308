// Plans, carries out, resumes or aborts a change of a RocketMQ cluster: the same way for every kind of change.

import { join } from 'node:path';
import { openChangeDesk } from '../../brokers/rocketmq/changes/change-desk.ts';
import type { ChangeDesk } from '../../brokers/rocketmq/changes/change-desk.ts';
import type { Io } from '../../brokers/driver.ts';
import type { RocketmqClusterConfig } from '../../brokers/rocketmq/config.ts';
import { AppError, exitCodes } from '../../core/errors.ts';
import { carryOut } from '../../ops/change/carry-out.ts';
import { takeJournal } from '../../ops/change/held-journal.ts';
import {
  beginJournal,
  journalFile,
  newJournal,
  putAside,
  readJournal,
  runningChanges,
  type ChangeJournal,
} from '../../ops/change/journal.ts';
import { finding, named, type ChangeKind, type PlannedChange } from '../../ops/rocketmq/change.ts';
import { stateFolderOf } from '../change/state-folder.ts';
import { takeLease, type CommandLease } from '../change/command-lease.ts';
import { offerForApproval } from '../change/require-approval.ts';
import type { CommandIo } from '../command.ts';
import { confirm } from '../confirm.ts';
import { keepKnownBrokers } from '../known-brokers.ts';
import { verifyCluster } from '../live-cluster.ts';
import { changeDocument, changeText, noticeOf, readLanguage, type ToldChange } from './change-text.ts';
import { durationOption, manyOption, rocketmqClusterOf } from './change-options.ts';
import { plannedSteps } from './planned-steps.ts';
import { renderJson } from '../report.ts';

export interface AskedChange<Facts extends object> {
  kind: ChangeKind<Facts>;
  subject: string;
  /** Name servers that come or go with the change. */
  movingServers?: readonly string[];
  plan(desk: ChangeDesk, io: Io): Promise<PlannedChange<Facts>>;
  /** What may be decided while the change is under way. */
  amend?: { giveUpReplay: boolean; ignoredGroups: readonly string[] };
}

const patienceSeconds = 300;

/** @returns 0 when planned, done or aborted, 6 while something holds the change back */
export async function runChange<Facts extends object>(io: CommandIo, asked: AskedChange<Facts>): Promise<number> {
  const { options, stdout, stderr, clock, signal } = io;
  const { kind, subject } = asked;
  const language = readLanguage(options['notice']);
  const wait = durationOption(options, 'wait', patienceSeconds);
  const action = actionOf(options);
  const { name: cluster, config } = await rocketmqClusterOf(io);
  const folder = stateFolderOf(io);
  const path = journalFile(folder, journals, [cluster, kind.name, subject]);
  const before = await readJournal(path, kind.facts);
  await using desk = openChangeDesk(cluster, config);

  const announced = {
    domains: manyOption(options, 'domain'),
    window: typeof options['window'] === 'string' ? options['window'] : undefined,
  };
  const tell = (line: string) => stderr.write(`${line}\n`);
  const show = (told: ToldChange<Facts>) => {
    const said = kind.notice(told.facts);
    const notices = { en: noticeOf(said, announced, 'en'), zh: noticeOf(said, announced, 'zh') };
    const notice = language && notices[language];
    if (options['json'] === true) stdout.write(renderJson(changeDocument(told, notice, notices)));
    else stdout.write(changeText(told) + (notice === undefined ? '' : `\n${notice}`));
  };
  const identity = { cluster, change: kind.name, subject };

  const entry = { name: cluster, config };
  if (action === 'plan' || action === 'execute') {
    const typed = action === 'execute' ? await verifyCluster(entry, io) : cluster;
    const isRunning = before?.status === 'running';
    const planned = await asked.plan(desk, { signal });
    const others = (await runningChanges(join(folder, journals), cluster)).filter(
      (state) => state.change !== kind.name || state.subject !== subject,
    );
    const findings = [...planned.findings, ...findingsOfOthers(kind.name, others)];
    const steps = kind.steps(planned.facts, { desk, clock });
    await offerForApproval(io, entry, { change: kind.name, subject }, plannedSteps(steps));
    if (action === 'plan') {
      const records = isRunning ? before.steps : [];
      show({
        ...identity,
        facts: planned.facts,
        findings,
        steps,
        records,
        holds: planned.holds,
        status: 'planned',
        path,
      });
      return exitCodes.answered;
    }
    if (isRunning) {
      throw new AppError('change-under-way', `${kind.name} of ${subject} was begun at ${before.startedAt}: ${path}`, {
        hint: '--resume goes on from where it stands, --abort goes back',
      });
    }
    const bad = findings.filter(({ severity }) => severity === 'critical');
    if (bad.length > 0) {
      throw new AppError(
        'change-refused',
        `${kind.name} of ${subject} is not begun: ${bad.map(({ message }) => message).join('; ')}`,
      );
    }
    await confirm(io, typed, `${kind.name} of ${subject} changes cluster ${cluster}.`);
    await using lease = await leased(typed);
    await keepKnownBrokers(io, entry, kind.name === 'scale-in' ? { leaving: subject } : {});
    if (before !== undefined) await putAside(path, before);
    const journal = newJournal({ ...identity, clusterId: typed, facts: planned.facts, before: findings }, clock.now());
    await beginJournal(path, journal);
    return await travel(journal, lease);
  }

  if (before?.status !== 'running') {
    throw new AppError('usage', `there is no ${kind.name} of ${subject} to ${action}: ${path}`, {
      hint:
        before === undefined
          ? '--execute begins one; --state-dir says where it was written down'
          : `it is ${before.status === 'done' ? 'done' : 'aborted'}`,
    });
  }
  const typed = await verifyBegun(io, entry, before, action);
  if (action === 'abort') await confirm(io, typed, `${kind.name} of ${subject} is rolled back in cluster ${cluster}.`);
  await using lease = await leased(typed);
  // Whoever held the lease before may have brought it further.
  const now = await readJournal(path, kind.facts);
  if (now?.status !== 'running') throw new AppError('usage', `${kind.name} of ${subject} has ended meanwhile: ${path}`);
  now.direction = action === 'abort' ? 'back' : 'forward';
  return await travel({ ...now, facts: amended(now.facts, asked.amend) }, lease);

  function leased(typed: string): Promise<CommandLease> {
    const { movingServers: without = [] } = asked;
    const change = action === 'abort' ? `${kind.name} --abort` : kind.name;
    return takeLease(io, { name: cluster, config, typed, without }, { change, subject, isBack: action === 'abort' });
  }

  async function travel(journal: ChangeJournal<Facts>, lease: CommandLease): Promise<number> {
    const { facts } = journal;
    const steps = kind.steps(facts, { desk, clock });
    const held = await takeJournal(path, journal, lease);
    const arrival = await carryOut({ ...held, journal, steps, clock, signal, tell }, wait);
    const isHeld = arrival.kind === 'held';
    if (!isHeld) await keepKnown();
    const holds = isHeld ? arrival.holds : [];
    const status = isHeld ? 'held' : arrival.kind === 'rolled-back' ? 'aborted' : 'done';
    const findings = journal.checks.before?.findings ?? [];
    show({ ...identity, facts, findings, steps, records: journal.steps, holds, status, path });
    return isHeld ? exitCodes.threshold : exitCodes.answered;
  }

  async function keepKnown(): Promise<void> {
    try {
      await keepKnownBrokers(io, entry, kind.name === 'scale-out' ? { joining: subject } : {});
    } catch (cause) {
      if (action !== 'abort' || !isSilent(cause)) throw cause;
      tell(`the known brokers of ${cluster} were not compared: ${cause.message}`);
    }
  }
}

const journals = 'rocketmq-changes';
const isSilent = (cause: unknown): cause is AppError =>
  cause instanceof AppError && cause.code === 'broker-unreachable';

/** Going back needs no name server: its journal names the cluster, and the addresses of its brokers. @returns what has to be typed */
async function verifyBegun(
  io: CommandIo,
  entry: { name: string; config: RocketmqClusterConfig },
  { clusterId }: Pick<ChangeJournal, 'clusterId'>,
  action: Action,
): Promise<string> {
  try {
    return await verifyCluster(entry, io, { isRequired: false });
  } catch (cause) {
    if (action !== 'abort' || !isSilent(cause)) throw cause;
    io.stderr.write(`going back without name servers, as far as brokers can be reached: ${cause.message}\n`);
    return clusterId ?? entry.name;
  }
}

type Action = 'plan' | 'execute' | 'resume' | 'abort';

function actionOf(options: CommandIo['options']): Action {
  const given = (['execute', 'resume', 'abort'] as const).filter((name) => options[name] === true);
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
function amended<Facts extends object>(facts: Facts, amend: AskedChange<Facts>['amend']): Facts {
  if (amend === undefined) return facts;
  const { giveUpReplay, ignoredGroups } = facts as { giveUpReplay?: boolean; ignoredGroups?: readonly string[] };
  return {
    ...facts,
    giveUpReplay: giveUpReplay === true || amend.giveUpReplay,
    ignoredGroups: [...new Set([...(ignoredGroups ?? []), ...amend.ignoredGroups])],
  };
}
