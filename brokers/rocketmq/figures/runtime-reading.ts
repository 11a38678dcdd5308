// Reads the counters and figures of a load test out of a RocketMQ broker's runtime information.

import { BrokerFigures } from '../../../core/documents/evidence/broker-figures.ts';
import type { BrokerReading } from '../../figures/broker-reading.ts';
import type { HaStatus } from '../protocol/broker-requests.ts';
import { parseRuntimeInfo, type RuntimeFigures } from '../runtime-info.ts';
import { defined } from '../../../core/defined.ts';

interface RuntimeTables {
  id: string;
  broker: ReadonlyMap<string, string>;
  /** Replication status that a master of 5.x reports for its slaves. */
  ha?: HaStatus;
  /** Runtime information of the slaves, read just before the master's; absent if `ha` lists all of them. */
  slaves?: readonly ReadonlyMap<string, string>[];
}

export function runtimeReading({ id, broker, ha, slaves = [] }: RuntimeTables): BrokerReading {
  const runtime = parseRuntimeInfo(broker);
  const { bootedAtSeconds, putMessages, putBytes, getMessages } = runtime;
  const send = runtime.threadPools.find(({ pool }) => pool === 'send');
  const lag = lagOf(runtime, slaves) ?? (ha && lagReported(ha));
  return {
    broker: id,
    source: 'runtime-info',
    ...(bootedAtSeconds !== undefined && { startedAtSeconds: bootedAtSeconds }),
    counters: {
      ...(putMessages !== undefined && { messagesIn: Number(putMessages) }),
      ...(putBytes !== undefined && { bytesIn: Number(putBytes) }),
      ...(getMessages !== undefined && { messagesOut: Number(getMessages) }),
    },
    figures: defined({
      sendQueueRequests: send?.size,
      sendQueueWaitSeconds: send?.headWaitSeconds,
      ...figuresIn(runtime),
      replicationLagBytes: lag,
    }),
  };
}

type NamedFigures = Pick<RuntimeFigures, keyof RuntimeFigures & keyof BrokerFigures>;

/** @returns the figures that have the same name in both */
const figuresIn = (runtime: RuntimeFigures) =>
  Object.fromEntries(
    Object.entries(runtime).filter(([name]) => Object.hasOwn(BrokerFigures.shape, name)),
  ) as NamedFigures;

/** Disconnected slaves are not in the list, so an empty list does not show the lag. */
function lagReported({ slaves }: HaStatus): number | undefined {
  if (slaves.length === 0) return undefined;
  return Math.max(0, ...slaves.map(({ behindBytes }) => Number(behindBytes)));
}

/** The master is read last, so the lag includes what it stored in between, a few milliseconds of traffic. */
function lagOf({ commitLogMaxOffset: end }: RuntimeFigures, slaves: readonly ReadonlyMap<string, string>[]) {
  const copied = slaves.flatMap((slave) => parseRuntimeInfo(slave).commitLogMaxOffset ?? []);
  if (end === undefined || copied.length === 0) return undefined;
  return Math.max(0, ...copied.map((offset) => Number(end - offset)));
}
