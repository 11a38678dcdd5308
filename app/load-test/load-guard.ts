// Builds the guard of a run: configured rules, loadTest limits, broker disks and stop requests.

import type { LoadTestPermission } from '../../core/policy/load-test-permission.ts';
import { queryNow } from '../../analyzer/evidence/sources/prometheus-query.ts';
import type { Clock } from '../../core/clock.ts';
import type { TelemetryEnvironment } from '../../core/documents/evidence/telemetry.ts';
import { ignoreFault } from '../../core/ignore-fault.ts';
import type { HostProbe } from '../../hosts/probe.ts';
import type { GuardConfig, GuardRule, QueryRule } from '../../loadgen/guard/config.ts';
import { checkInputs, createGuard } from '../../loadgen/guard/create-guard.ts';
import { fileSystemOf, freeDiskInput } from '../../loadgen/guard/free-disk-input.ts';
import type { Guard } from '../../loadgen/guard/guard.ts';
import type { GuardInput } from '../../loadgen/guard/guard-input.ts';
import { pageInput } from '../../loadgen/guard/page-input.ts';
import { stopFileInput } from '../../loadgen/guard/stop-file-input.ts';
import { windowInput } from '../../loadgen/guard/window-input.ts';
import { worstOf } from '../../loadgen/guard/worst-of.ts';

interface LoadGuardParts {
  config: GuardConfig;
  permission: LoadTestPermission;
  environment: TelemetryEnvironment;
  /** Where each broker stores messages, and how its machine is read. */
  stores: readonly { broker: string; path: string; probe: HostProbe }[];
  groups: readonly string[];
  /** The folder of the run's bundle. */
  directory: string;
  clock: Clock;
}

/** @throws AppError guard-input-unreadable when something cannot be watched, load-stopped when it is past its bounds already */
export async function createLoadGuard(parts: LoadGuardParts, { signal }: { signal: AbortSignal }): Promise<Guard> {
  const { config, permission, environment, groups, directory, clock } = parts;
  const rules = config.rules.map(inputOf);
  const disks = await diskInputs(parts, { signal });
  await checkInputs([...rules, ...disks], { clock, signal });
  return createGuard({
    inputs: [...rules, ...disks, stopFileInput(directory), windowInput(permission.window, clock)],
    seconds: { ...config, maxTps: permission.maxTps, groups },
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

/** A sample is up to one interval old when the next is on its way; with as long unseen, two intervals are over. */
const slack = 1.1;

function queryInput(rule: QueryRule): GuardInput {
  const { prometheus, query, name = query, every, above, below, authorization, tenant } = rule;
  const source = {
    url: prometheus,
    ...(authorization !== undefined && { authorization }),
    ...(tenant !== undefined && { tenant }),
  };
  return {
    name,
    everySeconds: every / 2,
    oldestSeconds: every,
    absence: `its Prometheus has none of the last ${every} s`,
    ...(above !== undefined && { above }),
    ...(below !== undefined && { below }),
    ends: 'run',
    async read(io) {
      const samples = await queryNow(source, { expression: query, freshWithinSeconds: slack * every }, io);
      return worstOf(
        samples.map(({ value }) => value),
        rule,
      );
    },
  };
}

/** Brokers whose host does not report that file system are not watched; `plimsoll ready` lists them. */
async function diskInputs(
  { stores, config }: LoadGuardParts,
  { signal }: { signal: AbortSignal },
): Promise<GuardInput[]> {
  const inputs = await Promise.all(
    stores.map(async ({ broker, path, probe }) => {
      const read = async (io: { signal: AbortSignal }) =>
        (await probe.sample(new Set(['fileSystems']), io)).fileSystems ?? [];
      if (
        fileSystemOf(
          path,
          (await read({ signal }).catch(ignoreFault('a store without readable file system is not guarded'))) ?? [],
        ) === undefined
      )
        return [];
      return [freeDiskInput({ broker, path, leastShare: config.freeDisk }, read)];
    }),
  );
  return inputs.flat();
}
