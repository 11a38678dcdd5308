// Finds the resource closest to saturation for the progress line; the analyzer computes the verdict.

import type { TelemetryEnvironment, TelemetryRecord } from '../../core/documents/evidence/telemetry.ts';
import { watchUtilisation, type Utilisation } from './utilisation.ts';

/**
 * @returns a function that accepts samples and, from the second one on, returns the busiest resource since the previous
 * sample
 */
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
