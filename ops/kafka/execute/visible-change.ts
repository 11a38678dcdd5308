// Finds and undoes what a reassignment without a journal left in a cluster: moves, then throttles.

import type { KafkaChanges } from '../../../brokers/kafka/changes/kafka-changes.ts';
import type { MovingPartition } from '../../../brokers/kafka/changes/reassignments.ts';
import type { Configured } from '../../../brokers/kafka/changes/settings.ts';
import type { Io } from '../../../brokers/driver.ts';
import type { Clock } from '../../../core/clock.ts';
import { AppError } from '../../../core/errors.ts';
import { seconds } from '../../../core/units.ts';
import type { Step } from '../../change/step.ts';
import { partitionKey } from '../live/broker-load.ts';
import { cancel } from './cancel-moves.ts';
import { throttleKeys } from './throttle.ts';

interface OwnSettings extends Configured {
  settings: Readonly<Record<string, string>>;
}

export interface VisibleChange {
  moving: readonly MovingPartition[];
  throttles: readonly OwnSettings[];
  /** Of topics that move or are throttled: a change may have shortened it, which nothing in the cluster shows. */
  retentions: readonly OwnSettings[];
}

/** Requests under way at the same time. */
const batch = 50;

export async function visibleChange(changes: KafkaChanges, io: Io): Promise<VisibleChange> {
  const [{ brokers, topics }, moving] = await Promise.all([changes.describe(io), changes.moving(io)]);
  const throttles = [
    ...(await ownSettings(changes, 'broker', { names: brokers.map(({ id }) => id), keys: throttleKeys.broker }, io)),
    ...(await ownSettings(changes, 'topic', { names: topics.map(({ name }) => name), keys: throttleKeys.topic }, io)),
  ];
  const marked = throttles.filter(({ kind }) => kind === 'topic').map(({ name }) => name);
  const names = [...new Set([...moving.map(({ topic }) => topic), ...marked])];
  const retentions = await ownSettings(changes, 'topic', { names, keys: ['retention.ms'] }, io);
  return { moving, throttles, retentions };
}

async function ownSettings(
  changes: KafkaChanges,
  kind: Configured['kind'],
  { names, keys }: { names: readonly string[]; keys: readonly string[] },
  io: Io,
): Promise<OwnSettings[]> {
  const found: OwnSettings[] = [];
  for (let from = 0; from < names.length; from += batch) {
    const read = names.slice(from, from + batch).map(async (name): Promise<OwnSettings> => {
      const known = await changes.settingsOf({ kind, name }, keys, io);
      const own = [...known].filter(([, { isOwn }]) => isOwn).map(([key, { value }]) => [key, value ?? ''] as const);
      return { kind, name, settings: Object.fromEntries(own) };
    });
    found.push(...(await Promise.all(read)));
  }
  return found.filter(({ settings }) => Object.keys(settings).length > 0);
}

/** One line for each thing that is undone, and for each that has to be looked at. */
export function visibleText({ moving, throttles, retentions }: VisibleChange): string[] {
  const settingsText = ({ kind, name, settings }: OwnSettings) =>
    Object.entries(settings).map(([key, value]) => `${key}=${value} of ${kind} ${name}`);
  return [
    ...moving.map((each) => `cancel the move of ${partitionKey(each)} to broker ${each.adding.join(', ')}`),
    ...throttles.flatMap(settingsText).map((text) => `remove ${text}`),
    ...retentions
      .flatMap(settingsText)
      .map((text) => `check ${text}: this rollback leaves it as it is; an earlier change possibly shortened it`),
  ];
}

const patience = seconds(60);
const pause = seconds(0.5);

/** A throttle is removed only once nothing moves: without it a copy would take the whole network link. */
export function undoSteps(changes: KafkaChanges, { throttles }: VisibleChange, clock: Clock): Step<object>[] {
  return [
    {
      id: 'cancel-moves',
      description: 'cancel every move, and wait until no partition is moving',
      undo: { none: 'a cancelled move restarts only with a new plan' },
      async run(io) {
        const deadline = clock.monotonic() + patience;
        for (;;) {
          const moving = await changes.moving(io);
          if (moving.length === 0) return { kind: 'done', evidence: ['nothing moves'] };
          const refusal = await cancel(changes, moving, io.signal);
          if (clock.monotonic() > deadline) {
            throw new AppError(
              'broker-refused',
              refusal ?? `partitions still moving after ${patience} s: ${moving.length}`,
            );
          }
          await clock.sleep(pause, io);
        }
      },
    },
    {
      id: 'remove-throttles',
      description: 'remove the throttles of brokers and topics',
      undo: { none: 'a throttle without moves is not needed' },
      async run(io) {
        for (const { kind, name, settings } of throttles) {
          const none = Object.fromEntries(Object.keys(settings).map((key) => [key, undefined]));
          await changes.alterSettings({ kind, name }, none, io);
        }
        await clock.sleep(pause, io);
        const left: string[] = [];
        for (const { kind, name, settings } of throttles) {
          left.push(
            ...(await ownSettings(changes, kind, { names: [name], keys: Object.keys(settings) }, io)).map(
              (each) => `${Object.keys(each.settings).join(', ')} of ${kind} ${name}`,
            ),
          );
        }
        if (left.length === 0) return { kind: 'done', evidence: ['no throttle is set'] };
        throw new AppError('broker-refused', `throttles are still set: ${left.join('; ')}`);
      },
    },
  ];
}
