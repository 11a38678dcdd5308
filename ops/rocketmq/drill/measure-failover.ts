// Measures a failover with a separate topic and producer while an operator stops the leader of a broker group.

import type { Io, TrafficDriver } from '../../../brokers/driver.ts';
import type { ChangeDesk } from '../../../brokers/rocketmq/changes/change-desk.ts';
import { parseRuntimeInfo } from '../../../brokers/rocketmq/runtime-info.ts';
import type { Clock, Seconds } from '../../../core/clock.ts';
import { faultOf, ignoreFault } from '../../../core/errors.ts';
import { durationText } from '../../../core/text/duration-text.ts';
import type { StepIo } from '../../change/step.ts';
import { untilApplied } from '../../change/until-applied.ts';
import { masterOf, readRoutes, topicAt } from '../broker-group.ts';
import { createCanary, longestGap, readBack, type CanaryRecord } from './canary.ts';
import type { DrillReport } from './facts.ts';
import type { DrillPlan } from './plan-drill.ts';
import { isEvery, lookSeconds, watchMembers } from './watch-members.ts';

export interface MeasureTools {
  desk: ChangeDesk;
  traffic: Pick<TrafficDriver, 'producer'>;
  clock: Clock;
  tell(line: string): void;
  /** Timeout of each wait. */
  patience: Seconds;
}

/** @throws AppError drill-failed, with what did not happen in time */
export async function measureFailover(
  plan: DrillPlan,
  topic: string,
  tools: MeasureTools,
  io: StepIo,
): Promise<DrillReport> {
  const { desk, traffic, clock, tell, patience } = tools;
  const { brokerName, leader } = plan;
  const over = new AbortController();
  const within = { signal: AbortSignal.any([io.signal, over.signal]) };
  let sending: Promise<void> = Promise.resolve();
  try {
    const beforeStop = { ...tools, hint: notStopped };
    await wait(beforeStop, `topic ${topic} on every name server`, io, async () => isRouted(desk, topic, io));
    await copied(plan, topic, tools, io);
    // Starts after messages of a process that was stopped.
    const [start = 0n] = await desk.ends(leader, [{ topic, queueId: 0 }], io);
    await using producer = await traffic.producer({ acks: 'all' });
    const canary = createCanary(producer, topic, clock);
    sending = canary.run(within);
    const isSending = async () => canary.record.acknowledgedAt.length >= 10;
    await Promise.race([wait(beforeStop, 'the first ten messages', io, isSending), sending]);
    // Reads messages now, because they are read at the end: a user without permission then fails before the leader is stopped.
    await desk.messages(leader, { topic, queueId: 0, offset: start }, io);

    tell(`operator: stop the leader ${brokerName}:0 at ${leader} now; kill -9 of its process is the worst case`);
    tell(`waiting up to ${patience} s for ${leader} to stop`);
    const hint = `only a refused connection shows that ${leader} was stopped: a machine that is off, or a process that hangs, is not seen. If you stopped it, start it again; \`plimsoll get brokers\` shows whether every member is back`;
    await wait({ ...tools, hint }, `${leader} to stop`, io, async () => (await desk.reach(leader, io)) === 'refused');
    const died = clock.monotonic();
    tell(`${leader} no longer answers`);
    const watch = watchMembers(brokerName, leader, desk.namesrv);
    const look = async (isBack: boolean) => watch.see(await desk.listings(io), clock.monotonic(), isBack);
    const acknowledgedAfter = () => (canary.record.acknowledgedAt.at(-1) ?? 0) > died + 1;
    await wait(tools, 'a new leader on every name server', io, async () => {
      await look(false);
      return isEvery(watch, 'newLeaderAt') && isEvery(watch, 'deadLeftAt') && acknowledgedAfter();
    });
    const newLeader = watch.newLeader() ?? '';
    tell(`${newLeader} leads; writes paused for ${durationText(longestGap(canary.record, died) ?? 0)}`);

    tell(`operator: start the stopped member at ${leader} again`);
    await wait(tools, `${leader} to answer again`, io, async () => (await desk.reach(leader, io)) === 'answers');
    const back = clock.monotonic();
    await wait(tools, `${leader} on every name server`, io, async () => {
      await look(true);
      return isEvery(watch, 'returnedAt');
    });
    await wait(tools, `${leader} to catch up`, io, async () => isCaughtUp(desk, leader, newLeader, io));
    const caughtUpSeconds = clock.monotonic() - back;
    over.abort();
    await sending;
    return {
      ...plan,
      newLeader,
      secondsWithoutWrites: longestGap(canary.record, died) ?? 0,
      servers: watch.times.map(({ server, newLeaderAt, deadLeftAt, returnedAt }) => ({
        server,
        ...(newLeaderAt !== undefined && { newLeaderSeconds: newLeaderAt - died }),
        ...(deadLeftAt !== undefined && { deadLeftSeconds: deadLeftAt - died }),
        ...(returnedAt !== undefined && { returnedSeconds: returnedAt - died }),
      })),
      caughtUpSeconds,
      messages: await account(desk, plan, { topic, start }, canary.record, io),
    };
  } finally {
    over.abort();
    await sending.catch(ignoreFault('the drill has counted failed sends'));
  }
}

const notStopped = 'the leader was not stopped: check that every member is listed (`plimsoll get brokers`)';

/** @param how hint: default is that of drill-failed */
export const wait = (
  { clock, patience, hint }: Pick<MeasureTools, 'clock' | 'patience'> & { hint?: string },
  what: string,
  io: StepIo,
  isThere: () => Promise<boolean>,
): Promise<void> =>
  untilApplied({ clock, patience, hint, pause: lookSeconds, code: 'drill-failed', text: timeoutText }, io, async () => {
    await io.check?.();
    // While a member starts or stops, every error counts as "not yet".
    const seen = await isThere().catch((cause: unknown) => void faultOf(cause, io));
    return seen === true ? undefined : what;
  });

const timeoutText = (what: string, patience: Seconds) => `waited ${patience} s for ${what}: timeout`;

async function isRouted(desk: ChangeDesk, topic: string, io: Io): Promise<boolean> {
  return (await readRoutes(desk, [topic], io)).every(({ route }) => (route?.queues.length ?? 0) > 0);
}

/** A follower receives topics every 10 s (slave synchronize): if it led before that, it would not have the topic. */
async function copied({ followers }: DrillPlan, topic: string, tools: MeasureTools, io: StepIo): Promise<void> {
  for (const address of followers) {
    await wait({ ...tools, hint: notStopped }, `topic ${topic} on ${address}`, io, async () => {
      return (await topicAt(tools.desk, address, topic, io)) !== undefined;
    });
  }
}

/** While the canary sends, the leader is always a few messages ahead, so the member is compared twice with the same end offset. */
async function isCaughtUp(desk: ChangeDesk, member: string, leader: string, io: Io): Promise<boolean> {
  const endOf = async (address: string) => parseRuntimeInfo(await desk.runtime(address, io)).commitLogMaxOffset ?? -1n;
  const wanted = await endOf(leader);
  return (await endOf(member)) >= wanted || (await endOf(member)) >= wanted;
}

async function account(
  desk: ChangeDesk,
  { brokerName }: DrillPlan,
  { topic, start }: { topic: string; start: bigint },
  { acknowledgedAt, retried, failures }: CanaryRecord,
  io: Io,
): Promise<DrillReport['messages']> {
  const address = await masterOf(desk, brokerName, io);
  const queue = { topic, queueId: 0 };
  const [end = 0n] = await desk.ends(address, [queue], io);
  const values: string[] = [];
  for (let offset = start; offset < end;) {
    const messages = await desk.messages(address, { ...queue, offset }, io);
    const last = messages.at(-1);
    if (last === undefined) break;
    values.push(...messages.map(({ body }) => body.toString()));
    offset = last.queueOffset + 1n;
  }
  const acknowledged = acknowledgedAt.length;
  return { acknowledged, retried, failedAttempts: failures, ...readBack(values, acknowledged) };
}
