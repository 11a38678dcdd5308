// Lists the checks that a run passes before it gets a verdict, in the order of docs/explanation/consistency.md.

import { bodyBytes } from './checks/body-bytes.ts';
import { bytesOfMessages } from './checks/bytes-of-messages.ts';
import { clientsThrottled } from './checks/clients-throttled.ts';
import { clockOffset } from './checks/clock-offset.ts';
import { clocks } from './checks/clocks.ts';
import { replicationLagCheck } from './checks/replication-lag.ts';
import { cpuLimit } from './checks/cpu-limit.ts';
import { duplex } from './checks/duplex.ts';
import { groupLagCheck } from './checks/group-lag.ts';
import { lineRate } from './checks/line-rate.ts';
import { littlesLaw } from './checks/littles-law.ts';
import { notTuned } from './checks/not-tuned.ts';
import { rateUnits } from './checks/rate-units.ts';
import { statedCores } from './checks/stated-cores.ts';
import { statedMessageSize } from './checks/stated-message-size.ts';
import { statedReplicas } from './checks/stated-replicas.ts';
import { unsteadyUse } from './checks/unsteady-use.ts';
import { wrongHost } from './checks/wrong-host.ts';
import type { Check } from './check.ts';

export const checks: readonly Check[] = [
  lineRate,
  duplex,
  bodyBytes,
  bytesOfMessages,
  rateUnits,
  clockOffset,
  wrongHost,
  littlesLaw,
  replicationLagCheck,
  groupLagCheck,
  clientsThrottled,
  statedCores,
  cpuLimit,
  statedMessageSize,
  statedReplicas,
  clocks,
  unsteadyUse,
  notTuned,
];
