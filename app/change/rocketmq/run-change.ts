// Runs a RocketMQ change that clients notice, and keeps the list of known brokers up to date.

import { openChangeDesk, type ChangeDesk } from '../../../brokers/rocketmq/changes/change-desk.ts';
import type { RocketmqClusterConfig } from '../../../brokers/rocketmq/config.ts';
import type { Io } from '../../../brokers/driver.ts';
import { AppError, isUnreachable } from '../../../core/errors.ts';
import type { PlannedChange } from '../../../ops/change/change-kind.ts';
import type { ChangeKind } from '../../../ops/rocketmq/change.ts';
import { type Caller, lineWriter } from '../../caller.ts';
import { changeRulesFor } from '../change-rules.ts';
import { keepKnownBrokers, movesAfter } from '../known-brokers.ts';
import { runChange as runAny, type Action, type ChangeRequest, type ChangeState } from '../run-change.ts';

export interface RequestedChange<Facts extends object> {
  kind: ChangeKind<Facts>;
  subject: string;
  /** Name servers that the change adds or removes. */
  movingServers?: readonly string[];
  /** @param shown as `app/change/run-change.ts` */
  plan(desk: ChangeDesk, io: Io, shown?: Facts): Promise<PlannedChange<Facts>>;
  /** Decisions that are possible while the change is under way. */
  amend?: { giveUpReplay: boolean; ignoredGroups: readonly string[] };
}

/** @throws AppError as `app/change/run-change.ts` */
export async function runChange<Facts extends object>(
  io: Caller<ChangeRequest>,
  entry: { name: string; config: RocketmqClusterConfig },
  { plan, amend, ...change }: RequestedChange<Facts>,
): Promise<ChangeState<Facts>> {
  const { kind, subject } = change;
  // A plan is approved with the groups that it ignores.
  const isApproved =
    io.options.resume &&
    (await changeRulesFor(io, { name: entry.name, typed: entry.name })).approval?.required === true;
  await using desk = openChangeDesk(entry.name, entry.config);
  return await runAny(io, entry, {
    ...change,
    tools: { desk, clock: io.clock, gone: io.options.gone ?? [] },
    folder: 'rocketmq-changes',
    plan: (within, shown) => plan(desk, within, shown),
    ...(amend && { amend: (facts: Facts) => amended(facts, amend, isApproved) }),
    prepare: () => keepKnownBrokers(io, entry, kind.name === 'scale-in' ? { leaving: subject } : {}),
    arrived: keepKnown,
  });

  async function keepKnown(action: Action): Promise<void> {
    try {
      await keepKnownBrokers(io, entry, movesAfter(kind.name, subject, action));
    } catch (cause) {
      if (action !== 'abort' || !(cause instanceof AppError && isUnreachable(cause))) throw cause;
      lineWriter(io)(`the known brokers of ${entry.name} were not compared: ${cause.message}`);
    }
  }
}

/** Adds decisions: an ignored group stays ignored, and a replay stays given up. @throws AppError approval-refused */
export function amended<Facts extends object>(
  facts: Facts,
  amend: NonNullable<RequestedChange<Facts>['amend']>,
  isApproved: boolean,
): Facts {
  const { giveUpReplay = false, ignoredGroups = [] } = facts as Partial<typeof amend>;
  const ignored = new Set(ignoredGroups);
  const all = ignored.union(new Set(amend.ignoredGroups));
  if (isApproved && (all.size > ignored.size || (amend.giveUpReplay && !giveUpReplay))) {
    throw new AppError('approval-refused', 'the approved plan ignores fewer unread messages: nothing was changed', {
      hint: 'leave out --ignore-group and --give-up-replay, or roll back with --abort and plan again with them',
    });
  }
  return { ...facts, giveUpReplay: giveUpReplay || amend.giveUpReplay, ignoredGroups: [...all] };
}
