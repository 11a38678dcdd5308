// Changes settings for the duration of a change and restores them, even after a crash: old values are saved first.

import type { KafkaChanges } from '../../brokers/kafka/changes/kafka-changes.ts';
import type { Configured, SettingChanges } from '../../brokers/kafka/changes/settings.ts';
import { pipelined } from '../../brokers/pipelined.ts';
import { type Clock, seconds } from '../../core/clock.ts';
import { defined } from '../../core/defined.ts';
import { AppError, faultOf } from '../../core/errors.ts';
import type { InLanguages } from '../../core/documents/findings/finding-entry.ts';
import type { Text } from '../../core/text/bilingual.ts';
import { isThreadCount } from '../kafka/settings/thread-steps.ts';
import type { Borrowed, ChangeJournal } from './journal.ts';

export interface Borrower {
  /** `describe` is required to borrow settings of topics. */
  changes: Pick<KafkaChanges, 'settingsOf' | 'alterSettings'> & Partial<Pick<KafkaChanges, 'describe'>>;
  journal: Pick<ChangeJournal, 'borrowed' | 'log'>;
  clock: Clock;
  signal: AbortSignal;
  save(): Promise<void>;
  tell(line: string): void;
}

/** Maximum concurrent requests: a wave may move hundreds of topics, and that many requests would delay all responses of brokers. */
const atOnce = 16;

/**
 * @param values by topic or broker; absent brokers are skipped, because other checks detect them
 * @returns a message about a setting whose value differs after the change; none for a throttle, which is not read back
 * @throws AppError of a broker, change-stopped if others changed a borrowed setting; `giveBack` restores what was
 *   changed until then
 */
export async function borrow(
  run: Borrower,
  why: Borrowed['why'],
  values: readonly (Configured & { settings: Readonly<Record<string, string>> })[],
): Promise<string | undefined> {
  const { changes, journal, signal } = run;
  const ids = await topicIds(run, values, signal);
  // The former settings were deleted with the topic; the new topic may have different ones.
  journal.borrowed = journal.borrowed.filter((each) => !isCreatedAgain(each, ids));
  for (const { kind, name } of values) {
    const borrowed = find(journal.borrowed, { kind, name, why });
    if (borrowed !== undefined) await refuseOfOthers(run, borrowed);
  }
  const fresh = values.filter(({ kind, name }) => find(journal.borrowed, { kind, name, why }) === undefined);
  const added = await pipelined(fresh, atOnce, async ({ kind, name, settings }): Promise<Borrowed | undefined> => {
    const keys = Object.keys(settings);
    const known = await changes.settingsOf({ kind, name }, keys, { signal }).catch(unlessGone);
    if (known === undefined) return undefined;
    const before = keys.map((key) => [key, ownValue(known.get(key))] as const);
    const id = kind === 'topic' ? ids.get(name) : undefined;
    const set = why === 'throttle' ? {} : undefined;
    return { kind, name, ...defined({ id }), why, before: Object.fromEntries(before), ...defined({ set }) };
  });
  const there = added.filter((each) => each !== undefined);
  journal.borrowed.push(...there);
  const taken = values.flatMap(({ settings, ...of }) => {
    const borrowed = find(journal.borrowed, { ...of, why });
    return borrowed === undefined ? [] : [{ borrowed, settings }];
  });
  const isRepeated = taken.some(({ borrowed }) => borrowed.set !== undefined);
  for (const { borrowed, settings } of taken) {
    // Until the new value has been read back, the former value is restored in any case.
    if (why === 'throttle') recordSet(borrowed, settings);
    else delete borrowed.set;
  }
  if (there.length > 0 || isRepeated) await run.save();
  for (const { borrowed, settings } of taken) {
    await changes.alterSettings({ kind: borrowed.kind, name: borrowed.name }, settings, { signal }).catch(unlessGone);
  }
  if (why === 'throttle') return undefined;
  const readings = await pipelined(taken, atOnce, async ({ borrowed, settings }) => ({
    borrowed,
    ...(await readBack(run, borrowed, settings, signal)),
  }));
  for (const { borrowed, now, unlike } of readings) {
    if (unlike === undefined) borrowed.set = now;
  }
  await run.save();
  return readings.find(({ unlike }) => unlike !== undefined)?.unlike;
}

/** A broker that was away keeps an earlier value. */
const mostRecorded = 20;

/**
 * Records values of a throttle, which are not read back, before they are set: others are those of another tool. A journal
 * that lacks the earlier ones restores the former value in any case.
 */
export function recordSet({ set }: Borrowed, settings: Readonly<Record<string, string>>): void {
  if (set === undefined) return;
  for (const [key, value] of Object.entries(settings)) set[key] = [...(set[key] ?? []), value].slice(-mostRecorded);
}

/**
 * Refuses a setting changed by others: setting it again would overwrite their value, which nobody would restore.
 * @throws AppError change-stopped
 */
async function refuseOfOthers({ changes, signal }: Borrower, { kind, name, before, set }: Borrowed): Promise<void> {
  if (set === undefined) return;
  const known = await changes.settingsOf({ kind, name }, Object.keys(set), { signal }).catch(unlessGone);
  if (known === undefined) return;
  for (const [key, own] of Object.entries(set)) {
    const now = ownValue(known.get(key));
    if (!isOfOthers(now, before[key] ?? null, own)) continue;
    const message = `${key} of ${kind} ${name} was changed by others to ${now ?? 'the default'}`;
    throw new AppError('change-stopped', message, {
      hint: 'run the command again once nobody else changes this setting',
    });
  }
}

/** @returns topic ids by name; empty if there are no topics, or the cluster has no topic ids */
async function topicIds(
  { changes }: Pick<Borrower, 'changes'>,
  of: readonly Configured[],
  signal: AbortSignal,
): Promise<ReadonlyMap<string, string>> {
  if (!of.some(({ kind }) => kind === 'topic')) return new Map();
  const { topics = [] } = (await changes.describe?.({ signal })) ?? {};
  return new Map(topics.flatMap(({ name, id }) => (id === undefined ? [] : [[name, id]])));
}

const isCreatedAgain = ({ kind, name, id }: Borrowed, ids: ReadonlyMap<string, string>): boolean =>
  kind === 'topic' && id !== undefined && ids.has(name) && ids.get(name) !== id;

function unlessGone(cause: unknown): undefined {
  if (!(cause instanceof AppError) || cause.code !== 'not-found') throw cause;
}

/**
 * @returns what could not be restored: a broker that is down keeps its setting until the next attempt
 * @param signal separate from the run's, because settings are also restored when the run is stopped
 */
export async function giveBack(run: Borrower, why: Borrowed['why'] | 'all', signal: AbortSignal): Promise<string[]> {
  return (await tryToGiveBack(run, why, signal)).map(({ reason }) => reason);
}

export const isTopicGone = (cause: unknown): boolean =>
  cause instanceof AppError && cause.message.includes('UNKNOWN_TOPIC_OR_PARTITION');

/** A broker that has just started reports existing topics as unknown until it has the metadata. */
const mostGoneAnswers = 5;
const betweenGoneAnswers = seconds(2);

/** @throws AppError of the last attempt; `isTopicGone` only if brokers have reported it for 8 s */
export async function untilTopicIsKnown<Value>(
  clock: Clock,
  signal: AbortSignal,
  attempt: () => Promise<Value>,
): Promise<Value> {
  for (let answers = 1; ; answers += 1) {
    try {
      return await attempt();
    } catch (cause) {
      if (!isTopicGone(cause) || answers === mostGoneAnswers) throw cause;
      await clock.sleep(betweenGoneAnswers, { signal });
    }
  }
}

interface NotGivenBack {
  borrowed: Borrowed;
  reason: string;
  /** Whether the broker is absent from the cluster. */
  isGone: boolean;
}

async function tryToGiveBack(run: Borrower, why: Borrowed['why'] | 'all', signal: AbortSignal) {
  const { journal } = run;
  const wanted = journal.borrowed.filter((borrowed) => why === 'all' || borrowed.why === why);
  let ids: ReturnType<typeof topicIds> | undefined;
  const idsNow = () => (ids ??= topicIds(run, wanted, signal));
  // Restores settings of one topic or broker sequentially: with ZooKeeper, Kafka writes all its settings to change one.
  const owners = [...Map.groupBy(wanted, ({ kind, name }) => `${kind} ${name}`).values()];
  // The journal has one writer. A full disk must not prevent restoring a setting; the save at the end reports it.
  let saved: Promise<void> = Promise.resolve();
  const saveInTurn = () => {
    saved = saved.then(run.save).catch((cause: unknown) => {
      if (!(cause instanceof AppError)) throw cause;
    });
    return saved;
  };
  const failed = await pipelined(owners, atOnce, async (own) => {
    const left: NotGivenBack[] = [];
    for (const each of own) {
      const fault = await tryToRestore({ ...run, save: saveInTurn }, each, signal, idsNow);
      if (fault === undefined) journal.borrowed = journal.borrowed.filter((other) => other !== each);
      else left.push({ borrowed: each, ...fault });
    }
    return left;
  });
  await run.save();
  return failed.flat();
}

async function tryToRestore(
  run: Borrower,
  each: Borrowed,
  signal: AbortSignal,
  idsNow: () => ReturnType<typeof topicIds>,
) {
  try {
    if (each.id !== undefined && isCreatedAgain(each, await idsNow())) {
      return note(run, {
        en: `topic ${each.name} was created again, and keeps its settings`,
        zh: `Topic ${each.name} 已重新创建，保留其配置`,
      });
    }
    const left = await untilTopicIsKnown(run.clock, signal, () => restore(run, each, signal));
    return left === undefined ? undefined : { reason: left, isGone: false };
  } catch (cause) {
    const fault = faultOf(cause, { signal });
    const keys = Object.keys(each.before).join(', ');
    // A topic deleted since then has no settings to restore.
    if (isTopicGone(fault)) {
      note(run, {
        en: `topic ${each.name} no longer exists, so nothing is restored there: ${keys}`,
        zh: `Topic ${each.name} 已不存在，无需恢复：${keys}`,
      });
      return undefined;
    }
    const reason = `${keys} of ${each.kind} ${each.name}: ${fault.message}`;
    return { reason, isGone: fault.code === 'not-found' };
  }
}

/** Brokers change these settings in steps, so an intermediate value is possible until a restore ends, also after a crash. */
const steppedKeys = ({ kind, set = {} }: Borrowed): string[] =>
  kind === 'broker' ? Object.keys(set).filter((key) => isThreadCount(key)) : [];

/** @returns messages about settings that were not restored; empty if all were */
async function restore(run: Borrower, borrowed: Borrowed, signal: AbortSignal) {
  const { kind, name, before, set } = borrowed;
  const known = await run.changes.settingsOf({ kind, name }, Object.keys(before), { signal });
  const now = Object.keys(before).map((key) => [key, ownValue(known.get(key))] as const);
  const kept = now.filter(([key, value]) => isOfOthers(value, before[key] ?? null, set?.[key]));
  const keptKeys = new Set(kept.map(([key]) => key));
  const wanted = Object.fromEntries(Object.entries(before).filter(([key]) => !keptKeys.has(key)));
  const changes: SettingChanges = Object.fromEntries(
    Object.entries(wanted).map(([key, value]) => [key, value ?? undefined]),
  );
  const stepped = steppedKeys(borrowed).filter((key) => key in wanted);
  for (const key of stepped) delete set?.[key];
  if (stepped.length > 0) await run.save();
  if (Object.keys(wanted).length > 0) await run.changes.alterSettings({ kind, name }, changes, { signal });
  const { unlike } = await readBack(run, { kind, name }, wanted, signal);
  if (unlike !== undefined) return unlike;
  for (const [key, value] of kept) {
    note(run, {
      en: `${key} of ${kind} ${name} was changed by others to ${value ?? 'the default'}, and is kept`,
      zh: `${kind === 'topic' ? 'Topic' : 'Broker'} ${name} 的 ${key} 已被他人改为 ${value ?? '默认值'}，予以保留`,
    });
  }
  return undefined;
}

function note(run: Borrower, { en, zh }: InLanguages<string>): undefined {
  run.journal.log.push({ at: run.clock.now().toISOString(), says: en, zh });
  run.tell(en);
}

/** A broker that has not learned of the change yet reports the former value. */
const isOfOthers = (now: string | null, before: string | null, set: readonly string[] | undefined): boolean =>
  set !== undefined && now !== before && !set.some((value) => isAlike(now, value));

/**
 * A request succeeds when the controller has stored it; brokers learn of it a moment later.
 *
 * @param wanted null: not set, so that the default applies
 * @returns reported values, and a message about a setting that differs from the wanted value; absent if all are as
 *   wanted
 */
export async function readBack(
  { changes, clock }: Pick<Borrower, 'changes' | 'clock'>,
  { kind, name }: Configured,
  wanted: Borrowed['before'],
  signal: AbortSignal,
): Promise<{ now: Record<string, string[]>; unlike?: string }> {
  for (let reading = 1; ; reading += 1) {
    const known = await changes.settingsOf({ kind, name }, Object.keys(wanted), { signal });
    const now = Object.entries(wanted).map(([key, value]) => ({ key, value, own: ownValue(known.get(key)) }));
    const wrong = now.find(({ own, value }) => !isAlike(own, value));
    const reported = Object.fromEntries(now.map(({ key, own }) => [key, own === null ? [] : [own]]));
    if (wrong === undefined) return { now: reported };
    if (reading === mostReadings)
      return { now: reported, unlike: `${wrong.key} of ${kind} ${name} still is ${wrong.own ?? 'the default'}` };
    await clock.sleep(betweenReadings, { signal });
  }
}

/**
 * Compares parsed values, as brokers report `10000000` of a DOUBLE as `1.0E7`, `08` as `8`, `TRUE` as `true`, and
 * `compact, delete` without the blank.
 */
export function isAlike(one: string | null | undefined, other: string | null | undefined): boolean {
  if (!one || !other) return one === other;
  return plain(one) === plain(other) || Number(one) === Number(other);
}

const plain = (value: string): string =>
  value
    .trim()
    .replaceAll(/\s*,\s*/g, ',')
    .toLowerCase();

const mostReadings = 5;
const betweenReadings = seconds(0.2);

export const ownValue = (setting: { isOwn: boolean; value?: string } | undefined): string | null =>
  setting?.isOwn === true ? (setting.value ?? null) : null;

/** The controller may be unavailable during an election, and a broker during a restart. */
const patience = seconds(60);
const pause = seconds(2);

/**
 * Called at the end of a change, or when it pauses: retries until every setting is restored.
 *
 * @param leave at the end, receives the throttle of an absent broker: only the broker itself can change its settings,
 *   and a rate without throttled replicas has no effect. Without this, such a change could not end, nor could the next
 *   one begin that replaces the broker
 * @throws AppError broker-refused, with the remaining settings
 */
export async function giveBackAll(
  run: Borrower,
  held: (reason: string) => void,
  leave?: (text: Text) => Promise<void>,
): Promise<void> {
  const { journal } = run;
  const deadline = run.clock.monotonic() + patience;
  for (;;) {
    const left = await tryToGiveBack(run, 'all', run.signal);
    if (left.length === 0) return;
    const reasons = left.map(({ reason }) => reason).join('; ');
    if (run.clock.monotonic() >= deadline) {
      const isLeft = ({ borrowed: { kind, why }, isGone }: NotGivenBack) =>
        isGone && kind === 'broker' && why === 'throttle';
      if (leave === undefined || !left.every(isLeft)) {
        throw new AppError('broker-refused', `settings are not restored after ${patience} s: ${reasons}`);
      }
      const gone = new Set(left.map(({ borrowed }) => borrowed));
      journal.borrowed = journal.borrowed.filter((each) => !gone.has(each));
      for (const { name, before } of gone) await leave(leftText(name, before));
      return;
    }
    held(`settings are not restored yet: ${reasons}`);
    await run.clock.sleep(pause, { signal: run.signal });
  }
}

function leftText(broker: string, before: Borrowed['before']): Text {
  const values = (remove: string, set: string) =>
    Object.entries(before).map(([key, value]) => (value === null ? `${remove} ${key}` : `${set} ${key}=${value}`));
  return {
    en: `broker ${broker} left the cluster with a replication throttle, which has no effect without throttled replicas. If it returns, restore its settings: ${values('delete', 'set').join(', ')}`,
    zh: `Broker ${broker} 已离开集群，其复制限流保留；没有被限流的副本时不起作用。如它重新上线，请恢复其设置：${values('删除', '设置').join('、')}`,
  };
}

function find(borrowed: readonly Borrowed[], { kind, name, why }: Pick<Borrowed, 'kind' | 'name' | 'why'>) {
  return borrowed.find((each) => each.kind === kind && each.name === name && each.why === why);
}
