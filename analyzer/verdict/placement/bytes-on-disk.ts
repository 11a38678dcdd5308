// Estimates the bytes that a message of a run stores on the disks of a machine: its size in the broker's format, times the copies there.

import { z } from 'zod';
import { traitsOf } from '../../../core/broker-kind/registry.ts';
import type { OmittedWrites } from '../../../core/documents/findings/disk-findings.ts';
import type { MessageKind } from '../../../core/wire/cluster-load.ts';
import { emptiest } from '../../../core/wire/expected-bytes.ts';
import { messageCost } from '../../../core/wire/message-cost.ts';
import type { LoadTestRun } from '../../evidence/load-test-run.ts';
import { isSameMachine } from '../../evidence/machines.ts';
import { storesAside } from '../../evidence/bytes/byte-explanations.ts';
import { storedLoads, sustainedPoints } from '../findings/byte-findings.ts';
import type { NodeSeries } from '../limits/resources/model.ts';
import type { JudgedStep } from '../steps/step-verdict.ts';
import { rolesOf, summedRoles } from './broker-roles.ts';
import { placementOf } from './placement.ts';

export interface BytesOnDisk {
  /** @returns bytes per message of the cluster; undefined if unknown */
  of: (series: NodeSeries) => number | undefined;
  /** Why the size of messages is no estimate. */
  unknown: OmittedWrites;
}

/** @returns no estimate, for this reason */
export const noBytes = (unknown: OmittedWrites): BytesOnDisk => ({ of: () => undefined, unknown });

/** @param end of the possible loads: the largest, because an average rate that is too high fills disks, or the smallest */
export function bytesOnDisk(
  run: LoadTestRun,
  steps: readonly JudgedStep[],
  end: 'largest' | 'smallest' = 'largest',
): BytesOnDisk {
  const { environment } = run.document;
  const stored = storedAs(run.document);
  if ('unknown' in stored) return noBytes(stored.unknown);
  const loads = storedLoads(run, sustainedPoints(steps)).map((load) =>
    storesAside(load) ? { ...load, ...stored } : load,
  );
  // A run that counted its batches also has the possibility that they are full.
  const counted = loads.filter((load) => 'recordsPerBatch' in load);
  const largest = counted.length > 0 ? counted : loads.map(emptiest);
  if (loads.length === 0) return noBytes('writes');
  const sizes = (end === 'largest' ? largest : loads).map((load) => messageCost(load).diskBytes);
  const perCopy = end === 'largest' ? Math.max(...sizes) : Math.min(...sizes);
  const roles = rolesOf(placementOf(run, steps).rows);
  return {
    unknown: 'writes',
    of({ host }) {
      const isThere = (name = '') => {
        const other = run.hosts.get(name);
        return other !== undefined && isSameMachine(other, host);
      };
      const ids = environment.brokers.flatMap(({ id, host: name }) => (isThere(name) ? [id] : []));
      const { led, followed } = summedRoles(roles, ids);
      return perCopy * (led + followed);
    },
  };
}

/** Part of a workload in run.json. */
const StoredWorkload = z.looseObject({
  delay: z.looseObject({ level: z.number().optional() }).optional(),
  transactions: z.looseObject({ leftToCheck: z.number().optional() }).optional(),
});

function storedAs({
  broker,
  redline,
  resume,
}: LoadTestRun['document']): { kind: MessageKind } | { unknown: OmittedWrites } {
  if (redline !== undefined) return { unknown: 'redline' };
  const { data } = StoredWorkload.safeParse(resume?.workload ?? {});
  if (data === undefined) return { unknown: 'writes' };
  const { delay, transactions } = data;
  if (delay === undefined && transactions === undefined) return { kind: 'plain' };
  if (traitsOf(broker)?.storesAside !== true) return { unknown: 'markers' };
  if (delay !== undefined) return delay.level === undefined ? { unknown: 'timers' } : { kind: 'delayed' };
  return (transactions?.leftToCheck ?? 0) > 0 ? { unknown: 'checks' } : { kind: 'transactional' };
}
