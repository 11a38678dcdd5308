// Estimates the bytes that a message of a run stores on the disks of a machine: its size in the broker's format, times the copies there.

import { emptiest } from '../../../core/wire/expected-bytes.ts';
import { messageCost } from '../../../core/wire/message-cost.ts';
import type { LoadTestRun } from '../../evidence/load-test-run.ts';
import { isSameMachine } from '../../evidence/machines.ts';
import { loadsOf, sustainedPoints } from '../findings/byte-findings.ts';
import type { NodeSeries } from '../limits/resources/model.ts';
import type { JudgedStep } from '../steps/step-verdict.ts';
import { rolesOf, summedRoles } from './broker-roles.ts';
import { placementOf } from './placement.ts';

/** Bytes per message of the cluster; undefined if unknown. */
export type BytesOnDisk = (series: NodeSeries) => number | undefined;

/** Uses the largest of the possible loads, because an average rate that is too high fills disks. */
export function bytesOnDisk(run: LoadTestRun, steps: readonly JudgedStep[]): BytesOnDisk {
  const { resume, environment } = run.document;
  const isStoredAside = resume?.workload['delay'] !== undefined || resume?.workload['transactions'] !== undefined;
  const loads = isStoredAside ? [] : loadsOf(run, sustainedPoints(steps));
  // A run that counted its batches also has the possibility that they are full.
  const counted = loads.filter((load) => 'recordsPerBatch' in load);
  const possible = counted.length > 0 ? counted : loads.map(emptiest);
  if (possible.length === 0) return () => undefined;
  const perCopy = Math.max(...possible.map((load) => messageCost(load).diskBytes));
  const roles = rolesOf(placementOf(run, steps).rows);
  return ({ host }) => {
    const isThere = (name = '') => {
      const other = run.hosts.get(name);
      return other !== undefined && isSameMachine(other, host);
    };
    const ids = environment.brokers.flatMap(({ id, host: name }) => (isThere(name) ? [id] : []));
    const { led, followed } = summedRoles(roles, ids);
    return perCopy * (led + followed);
  };
}
