// Finds the resource nearest to saturation for the progress line; the verdict is the analyzer's.

import type { TelemetryEnvironment, TelemetryRecord } from '../../core/documents/evidence/telemetry.ts';
import { watchUtilisation, type Utilisation } from './utilisation.ts';

/** @returns a function that takes each sample and names the busiest resource since the one before, once there were two */
export function watchBusiestResource(
  environment: TelemetryEnvironment,
): (records: readonly TelemetryRecord[]) => Utilisation | undefined {
  const utilisationsOf = watchUtilisation(environment);
  return (records) =>
    utilisationsOf(records).reduce<Utilisation | undefined>(
      (busiest, candidate) => (busiest && busiest.utilisation >= candidate.utilisation ? busiest : candidate),
      undefined,
    );
}
