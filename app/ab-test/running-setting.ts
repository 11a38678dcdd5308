// Opens the brokers of a cluster for a setting that can change at run time.

import type { ClusterConfig } from '../../brokers/config.ts';
import type { Io } from '../../brokers/driver.ts';
import type { Settings } from '../../brokers/lookup.ts';
import { openKafkaChanges } from '../../brokers/kafka/changes/kafka-changes.ts';
import { openChangeDesk } from '../../brokers/rocketmq/changes/change-desk.ts';
import { byKind } from '../../core/broker-kind/registry.ts';
import { systemClock } from '../../core/clock.ts';
import { AppError } from '../../core/errors.ts';
import { meantHint } from '../../core/text/nearest.ts';
import type { Borrower } from '../../ops/change/borrowed-settings.ts';
import { inThreadSteps } from '../../ops/kafka/settings/thread-steps.ts';
import { readListings } from '../../ops/rocketmq/listings.ts';

export interface RunningSetting extends AsyncDisposable {
  changes: Borrower['changes'];
  /** In the notation of `changes`: Kafka's by id, RocketMQ's by address, so that restoring needs no name server. */
  brokers(io: Io): Promise<string[]>;
}

/** 5.3.3: read from the settings on each use, so a change takes effect immediately. Threads and stores are created at startup. */
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

/** Without this check, a misspelled parameter would be rejected as a static one. @throws AppError usage */
export function refuseUnknownParameter(parameter: string, { processes }: Pick<Settings, 'processes'>): void {
  const known = processes.filter(({ of }) => of === 'broker').flatMap(({ values }) => [...values.keys()]);
  // A listener-specific setting is listed only once it is set.
  const general = parameter.replace(/^listener\.name\.[^.]+\./, '');
  if (known.length === 0 || known.includes(parameter) || known.includes(general)) return;
  throw new AppError('usage', `no broker has a setting ${parameter}`, {
    hint: meantHint(parameter, known, '`plimsoll get config BROKER` lists them'),
  });
}

/** @throws AppError unsupported-broker if RocketMQ reads the parameter only at startup; Kafka rejects it itself */
export function openRunningSetting(name: string, config: ClusterConfig, parameter: string): RunningSetting {
  return byKind<ClusterConfig, RunningSetting>(config, {
    kafka: (of) => kafkaSetting(name, of, parameter),
    rocketmq(of) {
      if (rocketmqAtOnce.has(parameter)) return rocketmqSetting(name, of);
      throw atStartOnly(parameter, 'RocketMQ reads it when a broker starts');
    },
  });
}

const atStartOnly = (parameter: string, why: string) =>
  new AppError('unsupported-broker', `${parameter} cannot be changed while brokers run: ${why}`, {
    hint: 'without --execute the command prints what has to be done by hand',
  });

function kafkaSetting(
  name: string,
  config: Extract<ClusterConfig, { broker: 'kafka' }>,
  parameter: string,
): RunningSetting {
  const changes = openKafkaChanges(name, config);
  const stepped = inThreadSteps(changes, systemClock);
  return {
    brokers: async (io) => (await changes.describe(io)).brokers.map(({ id }) => id),
    changes: {
      settingsOf: stepped.settingsOf,
      async alterSettings(of, settings, io) {
        try {
          await stepped.alterSettings(of, settings, io);
        } catch (cause) {
          if (!(cause instanceof AppError) || !/dynamic|INVALID_CONFIG|INVALID_REQUEST/i.test(cause.message))
            throw cause;
          throw atStartOnly(parameter, cause.message);
        }
      },
    },
    [Symbol.asyncDispose]: () => changes[Symbol.asyncDispose](),
  };
}

function rocketmqSetting(name: string, config: Extract<ClusterConfig, { broker: 'rocketmq' }>): RunningSetting {
  const desk = openChangeDesk(name, config);
  return {
    brokers: async (io) => {
      const listed = (await readListings(desk, io)).flatMap(({ brokers = [] }) => brokers);
      return [...new Set(listed.flatMap(({ addresses }) => [...addresses.values()]))];
    },
    changes: {
      async settingsOf({ name: address }, keys, io) {
        const all = await desk.settings(address, io);
        const known = keys.filter((key) => all.has(key));
        return new Map(known.map((key) => [key, { value: all.get(key) ?? '', isOwn: true }]));
      },
      alterSettings: ({ name: address }, settings, io) =>
        desk.set(address, Object.fromEntries(Object.entries(settings).map(([key, value = '']) => [key, value])), io),
    },
    [Symbol.asyncDispose]: () => desk[Symbol.asyncDispose](),
  };
}
