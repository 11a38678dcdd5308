// Lists the checks that a run passes before it gets a verdict, in the order of docs/explanation/consistency.md.

import type { Check } from './check.ts';

export const checks: readonly Check[] = [
  (await import('./checks/line-rate.ts')).lineRate,
  (await import('./checks/duplex.ts')).duplex,
  (await import('./checks/body-bytes.ts')).bodyBytes,
  (await import('./checks/bytes-of-messages.ts')).bytesOfMessages,
  (await import('./checks/rate-units.ts')).rateUnits,
  (await import('./checks/clock-offset.ts')).clockOffset,
  (await import('./checks/wrong-host.ts')).wrongHost,
  (await import('./checks/littles-law.ts')).littlesLaw,
  (await import('./checks/replication-lag.ts')).replicationLagCheck,
  (await import('./checks/group-lag.ts')).groupLagCheck,
  (await import('./checks/clients-throttled.ts')).clientsThrottled,
  (await import('./checks/stated-cores.ts')).statedCores,
  (await import('./checks/cpu-limit.ts')).cpuLimit,
  (await import('./checks/stated-message-size.ts')).statedMessageSize,
  (await import('./checks/stated-replicas.ts')).statedReplicas,
  (await import('./checks/clocks.ts')).clocks,
  (await import('./checks/unsteady-use.ts')).unsteadyUse,
  (await import('./checks/not-tuned.ts')).notTuned,
];
