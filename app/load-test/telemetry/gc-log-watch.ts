// Reads the GC pauses of each broker from the GC log of its JVM during a load test.

import type { Io } from '../../../brokers/driver.ts';
import type { BrokerReading, BrokerSource, BrokerWatch } from '../../../brokers/figures/broker-reading.ts';
import {
  joinBrokers,
  listening,
  logOfBroker,
  unknownLogText,
  type AddressedBroker,
  type AddressedHost,
  type ConfiguredHosts,
} from '../../../core/broker-hosts.ts';
import { gcLogName } from '../../../core/documents/evidence/telemetry.ts';
import { AppError } from '../../../core/errors.ts';
import type { CountedPauses } from '../../../hosts/gc-tail/pause-counts.ts';
import type { HostProbe } from '../../../hosts/probe.ts';
import { gcLogSource } from './broker-telemetry.ts';
import { remembered } from '../../observe/read-once.ts';
import { defined } from '../../../core/defined.ts';

interface Parts {
  /** Ids and addresses of the current brokers. */
  brokers(io: Io): Promise<readonly AddressedBroker[]>;
  /** `brokers` of the cluster's config: a broker without a host has no GC log. */
  stated: ConfiguredHosts;
  probes: ReadonlyMap<string, HostProbe>;
}

/** @returns a watch with a source per host; close it before the probes */
export function watchGcLogs({ brokers, stated, probes }: Parts): BrokerWatch {
  const machines = [...probes].flatMap(([host, probe]) => {
    const ids = Object.keys(stated).filter((id) => stated[id]?.host === host);
    const counts = ids.length === 0 ? undefined : probe.countPauses?.();
    return counts === undefined ? [] : [{ host, ids, counts }];
  });
  const addressesOf = remembered(brokers);
  const sources = machines.flatMap(({ host, ids, counts }) =>
    ids.map((broker): BrokerSource => ({
      name: gcLogName(broker),
      async read(io) {
        const { processes, logs } = await counts.sample(io);
        if (logs.length === 0) return [];
        const running = listening(processes);
        const process = processOf(broker, { host, processes: running }, await addressesOf(io), stated);
        const log = logOfBroker(logs, { process, processes: running, isAlone: ids.length === 1 });
        if (log === undefined) throw new AppError('gc-log-unreadable', unknownLogText(broker, host, logs));
        if (log.trouble !== undefined) throw new AppError('gc-log-unreadable', log.trouble);
        return [readingOf(broker, counts.take(log))];
      },
    })),
  );
  return {
    sources: async () => sources,
    async [Symbol.asyncDispose]() {
      await Promise.all(machines.map(({ counts }) => counts[Symbol.asyncDispose]()));
    },
  };
}

function processOf(
  broker: string,
  host: Pick<AddressedHost, 'host' | 'processes'>,
  brokers: readonly AddressedBroker[],
  stated: ConfiguredHosts,
): string | undefined {
  const machine = { ...host, addresses: new Set<string>(), isHere: false };
  return joinBrokers(brokers, [machine], stated).find((place) => place.broker === broker)?.process;
}

const readingOf = (broker: string, { counts, longestPauseSeconds, heapUsedRatio }: CountedPauses): BrokerReading => ({
  broker,
  source: gcLogSource,
  counters: { ...counts },
  figures: defined({ longestPauseSeconds, heapUsedRatio }),
});
