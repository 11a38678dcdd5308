// Finds and undoes what a reassignment without a journal left in a cluster: first moves, then throttles.

import type { KafkaChanges, MovingPartition } from '../../../brokers/kafka/changes/kafka-changes.ts';
import type { Configured } from '../../../brokers/kafka/changes/settings.ts';
import type { Io } from '../../../brokers/driver.ts';
import { type Clock, seconds } from '../../../core/clock.ts';
import { AppError, faultOf } from '../../../core/errors.ts';
import { readBack } from '../../change/borrowed-settings.ts';
import { named } from '../../../core/text/bilingual.ts';
import { done, type Step } from '../../change/step.ts';
import { untilApplied } from '../../change/until-applied.ts';
import { partitionKey } from '../live/broker-load.ts';
import { cancel } from './cancel-moves.ts';
import { throttleKeys } from './throttle.ts';
import { pipelined } from '../../../brokers/pipelined.ts';

interface OwnSettings extends Configured {
  settings: Readonly<Record<string, string>>;
}

export interface VisibleChange {
  moving: readonly MovingPartition[];
  throttles: readonly OwnSettings[];
  /** A change may have shortened it, also for topics that do not move yet: the cluster does not show for which. */
  retentions: readonly OwnSettings[];
}

/** Concurrent requests. */
const atOnce = 50;
/** Maximum topic names in a line. */
const mostNames = 10;

export async function visibleChange(changes: KafkaChanges, io: Io): Promise<VisibleChange> {
  const [{ brokers, topics }, moving] = await Promise.all([changes.describe(io), changes.moving(io)]);
  const ofBrokers = { names: brokers.map(({ id }) => id), keys: throttleKeys.broker };
  const ofTopics = { names: topics.map(({ name }) => name), keys: [...throttleKeys.topic, retentionKey] };
  const found = [
    ...(await ownSettings(changes, 'broker', ofBrokers, io)),
    ...(await ownSettings(changes, 'topic', ofTopics, io)),
  ];
  return {
    moving,
    throttles: withKeys(found, (key) => key !== retentionKey),
    retentions: withKeys(found, (key) => key === retentionKey),
  };
}

const retentionKey = 'retention.ms';

const withKeys = (found: readonly OwnSettings[], isWanted: (key: string) => boolean): OwnSettings[] =>
  found
    .map((each) => ({
      ...each,
      settings: Object.fromEntries(Object.entries(each.settings).filter(([key]) => isWanted(key))),
    }))
    .filter(hasSettings);

const hasSettings = ({ settings }: OwnSettings): boolean => Object.keys(settings).length > 0;

async function ownSettings(
  changes: KafkaChanges,
  kind: Configured['kind'],
  { names, keys }: { names: readonly string[]; keys: readonly string[] },
  io: Io,
): Promise<OwnSettings[]> {
  const found = await pipelined(names, atOnce, async (name): Promise<OwnSettings> => {
    const known = await changes.settingsOf({ kind, name }, keys, io);
    const own = [...known].filter(([, { isOwn }]) => isOwn).map(([key, { value }]) => [key, value ?? ''] as const);
    return { kind, name, settings: Object.fromEntries(own) };
  });
  return found.filter(hasSettings);
}

export const settingTexts = ({ kind, name, settings }: OwnSettings): string[] =>
  Object.entries(settings).map(([key, value]) => `${key}=${value} of ${kind} ${name}`);

/** A reassignment throttles listed replicas; a permanent throttle has the value * or only rates, which limit nothing alone. */
export const listsReplicas = ({ kind, settings }: OwnSettings): boolean =>
  kind === 'topic' && Object.values(settings).some((value) => value !== '*' && value !== '');

/** @returns whether a reassignment throttles replicas of these topics; true if that cannot be read */
export async function areThrottled(changes: KafkaChanges, topics: readonly string[], io: Io): Promise<boolean> {
  const of = { names: topics, keys: throttleKeys.topic };
  const found = await ownSettings(changes, 'topic', of, io).catch((cause: unknown) => faultOf(cause, io));
  return found instanceof AppError || found.some(listsReplicas);
}

/** One line per thing to undo, and per thing to check manually. */
export function visibleText({ moving, throttles, retentions }: VisibleChange): string[] {
  return [
    ...moving.map((each) => `cancel the move of ${partitionKey(each)} to broker ${each.adding.join(', ')}`),
    ...throttles.flatMap(settingTexts).map((text) => `remove ${text}`),
    ...[...Map.groupBy(retentions, ({ settings }) => settings[retentionKey] ?? '')]
      // Unlimited, so it was not shortened.
      .filter(([value]) => value !== '-1')
      .map(([value, topics]) => {
        const names = topics.map(({ name }) => name);
        return `${retentionKey}=${value} is set on these topics and is not changed here: ${named(names, mostNames)}; check whether an earlier change shortened it`;
      }),
  ];
}

const patience = seconds(60);
const pause = seconds(0.5);

/** A throttle is removed only when nothing moves: without it a copy would saturate the network link. */
export function undoSteps(changes: KafkaChanges, { throttles }: VisibleChange, clock: Clock): Step<object>[] {
  return [
    {
      id: 'cancel-moves',
      description: 'cancel every move, and wait until no partition is moving',
      zh: '取消全部迁移，并等待没有分区在迁移',
      undo: {
        none: 'a cancelled move restarts only with a new plan',
        zh: '已取消的迁移只能按新计划重新开始',
      },
      async run(io) {
        await untilApplied({ clock, patience, pause }, io, async () => {
          const moving = await changes.moving(io);
          if (moving.length === 0) return undefined;
          return (await cancel(changes, moving, io.signal)) ?? `partitions still moving: ${moving.length}`;
        });
        return done({ en: 'nothing moves', zh: '没有分区在迁移' });
      },
    },
    {
      id: 'remove-throttles',
      description: 'remove the throttles of brokers and topics',
      zh: '移除 Broker 和 Topic 的限流',
      undo: { none: 'a throttle without moves is not needed', zh: '没有迁移时不需要限流' },
      async run(io) {
        const left = await Array.fromAsync(throttles, async ({ kind, name, settings }) => {
          const none = <None>(value: None) => Object.fromEntries(Object.keys(settings).map((key) => [key, value]));
          await changes.alterSettings({ kind, name }, none(undefined), io);
          const { unlike } = await readBack({ changes, clock }, { kind, name }, none(null), io.signal);
          return unlike ?? [];
        });
        if (left.flat().length === 0) return done({ en: 'no throttle is set', zh: '没有限流' });
        throw new AppError('broker-refused', `throttles are still set: ${left.flat().join('; ')}`);
      },
    },
  ];
}
