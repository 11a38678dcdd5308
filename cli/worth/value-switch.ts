// How is a parameter of running brokers set to one value and the other, and put back as it was?

import type { ClusterConfig } from '../../brokers/config.ts';
import { openKafkaChanges } from '../../brokers/kafka/changes/kafka-changes.ts';
import { openChangeDesk } from '../../brokers/rocketmq/changes/change-desk.ts';
import { AppError } from '../../core/errors.ts';

type Io = { signal: AbortSignal };

export interface ValueSwitch extends AsyncDisposable {
  /** What each broker has now, by its id; absent where it is the broker's default and no value of its own. */
  before: Readonly<Record<string, string | undefined>>;
  /** @throws AppError as a broker answers, and where it does not have the value afterwards */
  set(value: string, io: Io): Promise<void>;
  /** Each broker to what it had. */
  restore(io: Io): Promise<void>;
}

/** 5.3.3: read from the settings each time they are needed, so that a change acts at once. Threads and stores are made at the start. */
const rocketmqAtOnce: ReadonlySet<string> = new Set([
  'waitTimeMillsInSendQueue',
  'brokerFastFailureEnable',
  'osPageCacheBusyTimeOutMills',
  'accessMessageInMemoryMaxRatio',
  'transferMsgByHeap',
  'slaveReadEnable',
  'maxTransferCountOnMessageInMemory',
  'maxTransferBytesOnMessageInMemory',
  'haTransferBatchSize',
  'haFlowControlEnable',
]);

/** @throws AppError unsupported-broker where the parameter acts at a start only */
export async function openValueSwitch(
  name: string,
  config: ClusterConfig,
  parameter: string,
  io: Io,
): Promise<ValueSwitch> {
  return config.broker === 'kafka'
    ? openKafkaSwitch(name, config, parameter, io)
    : openRocketmqSwitch(name, config, parameter, io);
}

const atStartOnly = (parameter: string, why: string) =>
  new AppError('unsupported-broker', `${parameter} cannot be changed while brokers run: ${why}`, {
    hint: 'without --execute the command prints what has to be done by hand',
  });

async function openKafkaSwitch(
  name: string,
  config: Extract<ClusterConfig, { broker: 'kafka' }>,
  parameter: string,
  io: Io,
): Promise<ValueSwitch> {
  const changes = openKafkaChanges(name, config);
  const before: Record<string, string | undefined> = {};
  try {
    const { brokers } = await changes.describe(io);
    for (const { id } of brokers) {
      const setting = (await changes.settingsOf({ kind: 'broker', name: id }, [parameter], io)).get(parameter);
      if (setting === undefined) throw new AppError('not-found', `broker ${id} of ${name} has no setting ${parameter}`);
      before[id] = setting.isOwn ? setting.value : undefined;
    }
  } catch (cause) {
    await changes[Symbol.asyncDispose]();
    throw cause;
  }
  const alter = (id: string, value: string | undefined, within: Io) =>
    changes.alterSettings({ kind: 'broker', name: id }, { [parameter]: value }, within);
  return {
    before,
    async set(value, within) {
      for (const id of Object.keys(before)) {
        await alter(id, value, within).catch((cause: unknown) => {
          if (cause instanceof AppError && /dynamic|INVALID_CONFIG|INVALID_REQUEST/i.test(cause.message)) {
            throw atStartOnly(parameter, cause.message);
          }
          throw cause;
        });
      }
    },
    async restore(within) {
      for (const [id, value] of Object.entries(before)) await alter(id, value, within);
    },
    [Symbol.asyncDispose]: () => changes[Symbol.asyncDispose](),
  };
}

async function openRocketmqSwitch(
  name: string,
  config: Extract<ClusterConfig, { broker: 'rocketmq' }>,
  parameter: string,
  io: Io,
): Promise<ValueSwitch> {
  if (!rocketmqAtOnce.has(parameter)) {
    throw atStartOnly(parameter, 'RocketMQ reads it when a broker starts');
  }
  const desk = openChangeDesk(name, config);
  const addresses = new Map<string, string>();
  const before: Record<string, string | undefined> = {};
  try {
    for (const { brokers = [] } of await desk.listings(io)) {
      for (const { brokerName, addresses: of } of brokers) {
        for (const [id, address] of of) addresses.set(`${brokerName}:${id}`, address);
      }
    }
    for (const [id, address] of addresses) before[id] = (await desk.settings(address, io)).get(parameter);
  } catch (cause) {
    await desk[Symbol.asyncDispose]();
    throw cause;
  }
  return {
    before,
    async set(value, within) {
      for (const address of addresses.values()) await desk.set(address, { [parameter]: value }, within);
    },
    async restore(within) {
      for (const [id, address] of addresses) {
        const value = before[id];
        if (value !== undefined) await desk.set(address, { [parameter]: value }, within);
      }
    },
    [Symbol.asyncDispose]: () => desk[Symbol.asyncDispose](),
  };
}
