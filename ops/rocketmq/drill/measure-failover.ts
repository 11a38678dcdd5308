// Measures a failover with a separate topic and producer while an operator stops the leader of a broker group.

import type { Io, TrafficDriver, TrafficProducer } from '../../../brokers/driver.ts';
import type { ChangeDesk, ServerListing } from '../../../brokers/rocketmq/changes/change-desk.ts';
import { parseRuntimeInfo } from '../../../brokers/rocketmq/runtime-info.ts';
import { type Clock, type Seconds, seconds } from '../../../core/clock.ts';
import { faultOf, ignoreFault, AppError, endOfWait } from '../../../core/errors.ts';
import { durationText } from '../../../core/text/duration-text.ts';
import type { StepIo } from '../../change/step.ts';
import { untilApplied } from '../../change/until-applied.ts';
import { masterOf, readRoutes, topicAt, groupsIn } from '../broker-group.ts';
import type { DrillReport } from './facts.ts';
import type { DrillPlan } from './plan-drill.ts';

/** Ten messages per second, so gaps are measured to a tenth of a second. */
const pause = seconds(0.1);
/** Same as sendMsgTimeout of Java clients. */
const answerMs = 3000;

interface CanaryRecord {
  /** Monotonic seconds of each acknowledgement, by message number. */
  acknowledgedAt: number[];
  /** Number of messages sent more than once. */
  retried: number;
  failures: number;
}

/**
 * Measures a producer's write gap after the loss of a leader: one message at a time to one queue, retried until
 * stored.
 */
export function createCanary(producer: TrafficProducer, topic: string, clock: Clock) {
  const record: CanaryRecord = { acknowledgedAt: [], retried: 0, failures: 0 };
  return {
    record,
    /**
     * Resolves after the signal aborts and the last message is acknowledged or given up.
     *
     * @throws AppError credentials-refused, which retries cannot fix
     */
    async run({ signal }: Io): Promise<void> {
      while (!signal.aborted) {
        const value = Buffer.from(String(record.acknowledgedAt.length));
        let attempts = 0;
        while (!signal.aborted) {
          attempts += 1;
          try {
            const limit = AbortSignal.any([signal, AbortSignal.timeout(answerMs)]);
            await producer.send({ topic, partition: 0, values: [value] }, { signal: limit });
            record.acknowledgedAt.push(clock.monotonic());
            break;
          } catch (cause) {
            if (signal.aborted) return;
            const isRepeated =
              cause instanceof AppError ? cause.code !== 'credentials-refused' : cause instanceof DOMException;
            if (!isRepeated) throw cause;
            record.failures += 1;
          }
          await clock.sleep(pause, { signal }).catch(endOfWait);
        }
        if (attempts > 1) record.retried += 1;
        await clock.sleep(pause, { signal }).catch(endOfWait);
      }
    },
  };
}

/** @returns the longest time between two acknowledgements, of which the second is after `since` */
export function longestGap(
  { acknowledgedAt }: Pick<CanaryRecord, 'acknowledgedAt'>,
  since: number,
): number | undefined {
  let longest: number | undefined;
  for (let index = 1; index < acknowledgedAt.length; index++) {
    const [before = 0, after = 0] = [acknowledgedAt[index - 1], acknowledgedAt[index]];
    if (after >= since) longest = Math.max(longest ?? 0, after - before);
  }
  return longest;
}

/**
 * @param values of the queue from start to end
 * @returns `doubled`: stored more than once, because a message was sent again after a lost response; `outOfOrder`:
 *   first copies after a higher number
 */
export function readBack(values: readonly string[], acknowledged: number) {
  const seen = new Set<number>();
  let [highest, outOfOrder] = [-1, 0];
  for (const value of values) {
    const number = Number(value);
    if (!Number.isInteger(number) || seen.has(number)) continue;
    seen.add(number);
    if (number < highest) outOfOrder += 1;
    highest = Math.max(highest, number);
  }
  const present = [...seen].filter((number) => number < acknowledged).length;
  return { stored: values.length, lost: acknowledged - present, doubled: values.length - seen.size, outOfOrder };
}

interface ServerTimes {
  server: string;
  /** Monotonic seconds; absent until seen. */
  newLeaderAt?: number;
  deadLeftAt?: number;
  returnedAt?: number;
}

/** Records when each name server shows the new leader, the loss of the old one, and its return. */
export function watchMembers(brokerName: string, dead: string, servers: readonly string[]) {
  const times: ServerTimes[] = servers.map((server) => ({ server }));
  let leader: string | undefined;
  return {
    times,
    newLeader: () => leader,
    /** @param isBack the old leader responds again */
    see(listings: readonly ServerListing[], at: number, isBack: boolean): void {
      for (const row of times) {
        const listing = listings.find(({ server }) => server === row.server);
        if (listing?.brokers === undefined) continue;
        const members = groupsIn([listing]).get(brokerName)?.members ?? [];
        const master = members.find(({ brokerId }) => brokerId === 0)?.address;
        const isListed = members.some(({ address }) => address === dead);
        if (master !== undefined && master !== dead) {
          leader = master;
          row.newLeaderAt ??= at;
        }
        if (!isListed) row.deadLeftAt ??= at;
        if (isBack && isListed && row.deadLeftAt !== undefined) row.returnedAt ??= at;
      }
    },
  };
}

export const isEvery = (watch: { times: readonly ServerTimes[] }, name: keyof Omit<ServerTimes, 'server'>) =>
  watch.times.every((row) => row[name] !== undefined);

/** Interval at which name servers and members are checked. */
const lookSeconds = seconds(0.2);

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
