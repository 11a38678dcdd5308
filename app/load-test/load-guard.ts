// Builds the guard of a run: configured rules, loadTest limits, broker disks and stop requests.

import { usedDiskRatio } from '../../brokers/reported-disks.ts';
import type { ClusterSnapshot } from '../../brokers/snapshot.ts';
import type { Store } from '../../brokers/stores.ts';
import { defined } from '../../core/defined.ts';
import type { LoadTestPermission } from '../../core/policy/load-test-permission.ts';
import { queryNow } from '../../analyzer/evidence/sources/prometheus-query.ts';
import type { Clock } from '../../core/clock.ts';
import { getOrMake } from '../../core/get-or-make.ts';
import type { HostReading } from '../../core/documents/evidence/host-reading.ts';
import type { TelemetryEnvironment } from '../../core/documents/evidence/telemetry.ts';
import type { HostProbe } from '../../hosts/probe.ts';
import { GuardConfig, type GuardRule, type QueryRule } from '../../loadgen/guard/config.ts';
import { checkInputs, createGuard, firstValue, refuseBreach } from '../../loadgen/guard/create-guard.ts';
import { freeDiskInput, freeShareIn } from '../../loadgen/guard/free-disk-input.ts';
import type { Guard } from '../../loadgen/guard/guard.ts';
import type { GuardInput } from '../../loadgen/guard/guard-input.ts';
import { pageInput } from '../../loadgen/guard/page-input.ts';
import { stopFileInput } from '../../loadgen/guard/stop-file-input.ts';
import type { Config } from '../config/config-file.ts';
import { windowInput } from '../../loadgen/guard/window-input.ts';
import { worstOf } from '../../loadgen/guard/worst-of.ts';

export const guardConfigOf = ({ loadgen }: Pick<Config, 'loadgen'>): GuardConfig =>
  loadgen?.guard ?? GuardConfig.parse({});

export interface LoadGuardParts {
  config: GuardConfig;
  permission: LoadTestPermission;
  environment: TelemetryEnvironment;
  /** Stores of each broker, and the probe of its host; without one, the broker reports their use. */
  stores: readonly (Store & { broker: string; probe?: HostProbe })[];
  /** Reader of the run, which reads all brokers each second. */
  inspector: { last(): ClusterSnapshot | undefined };
  /** As planned: consumption of a group is summed over all topics of the run. */
  groups: readonly { name: string }[];
  /** Folder of the run bundle. */
  directory: string;
  clock: Clock;
  /** Called for each store that is not monitored. */
  onNotice?(text: string): void;
}

/** @throws AppError guard-input-unreadable if an input cannot be read, load-stopped if a limit is already exceeded */
export async function createLoadGuard(parts: LoadGuardParts, { signal }: { signal: AbortSignal }): Promise<Guard> {
  const { config, permission, environment, groups, directory, clock } = parts;
  const rules = config.rules.map(inputOf);
  const disks = await diskInputs(parts, { signal });
  await checkInputs(rules, { clock, signal });
  return createGuard({
    inputs: [...rules, ...disks, stopFileInput(directory), windowInput(permission.window, clock)],
    seconds: { ...config, maxTps: permission.maxTps, groups: groups.map(({ name }) => name) },
    nic: {
      maxShare: permission.maxNicShare,
      environment,
      hosts: new Set([
        ...environment.brokers.flatMap(({ host }) => (host === undefined ? [] : [host])),
        ...(environment.proxyHosts ?? []),
      ]),
    },
    clock,
  });
}

const inputOf = (rule: GuardRule): GuardInput => ('page' in rule ? pageInput(rule) : queryInput(rule));

/** A sample may be one interval old when the next is due; if that one is missed, two intervals have passed. */
const slack = 1.1;

function queryInput(rule: QueryRule): GuardInput {
  const { prometheus, query, name = query, every, above, below, authorization, tenant } = rule;
  const source = {
    url: prometheus,
    ...defined({ authorization, tenant }),
  };
  return {
    name,
    everySeconds: every / 2,
    oldestSeconds: every,
    absence: `its Prometheus has none of the last ${every} s`,
    ...defined({ above, below }),
    ends: 'run',
    watches: { kind: 'rule', name },
    async read(io) {
      const samples = await queryNow(source, { expression: query, freshWithinSeconds: slack * every }, io);
      return worstOf(
        samples.map(({ value }) => value),
        rule,
      );
    },
  };
}

/** A store whose free space cannot be read before the load is reported; the run continues without this limit. */
async function diskInputs(
  { stores, inspector, config, clock, onNotice }: LoadGuardParts,
  { signal }: { signal: AbortSignal },
): Promise<GuardInput[]> {
  const current = new Map<HostProbe, Promise<HostReading>>();
  /** All stores of a host share a reading, because each starts a process per mount. Its signal is aborted at its end. */
  const fileSystemsOf = (probe: HostProbe, io: { signal: AbortSignal }) =>
    getOrMake(current, probe, () => {
      io.signal.addEventListener('abort', () => void current.delete(probe), { once: true });
      return probe.sample(new Set(['fileSystems']), io);
    });
  const inputs = await Promise.all(
    stores.map(async ({ broker, probe, ...store }) => {
      const read = async (io: { signal: AbortSignal }) => {
        if (probe !== undefined) return freeShareIn(store, await fileSystemsOf(probe, io));
        const used = usedDiskRatio(broker, inspector.last());
        return used === undefined ? undefined : 1 - used;
      };
      const input = {
        ...freeDiskInput(broker, store, config.freeDisk, read),
        // A broker that does not answer may be down on purpose, and what the others do is measured to the end.
        ...(probe === undefined && { oldestSeconds: Infinity }),
      };
      const first = await firstValue(input, { clock, signal });
      if (first.kind === 'unread') {
        onNotice?.(noDiskGuardText(broker, first.trouble.message));
        return [];
      }
      refuseBreach(input, first.value);
      return [input];
    }),
  );
  return inputs.flat();
}

export const noDiskGuardText = (broker: string, reason: string) =>
  `broker ${broker}: free disk not monitored: ${reason}`;
