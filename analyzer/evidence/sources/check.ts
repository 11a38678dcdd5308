// Checks which brokers and hosts a source has series of, and what a verdict lacks, with few queries.

import type { SourceConfig } from './config.ts';
import type { FigureSource, TelemetryWindow } from './source-telemetry.ts';
import { readTelemetry, type SourceIo } from './telemetry.ts';

export interface SourceCheck {
  cluster?: string;
  inventory: readonly FigureSource[];
  /** As the kernel of a host reports them: a virtual link may be slower, so no verdict uses them. */
  reportedSpeeds?: readonly { host: string; device: string; bitsPerSecond: number }[];
  warnings: readonly string[];
}

/** A Prometheus is queried for few points of each figure; other systems are read in full. @throws as readTelemetry */
export async function checkSource(source: SourceConfig, window: TelemetryWindow, io: SourceIo): Promise<SourceCheck> {
  if (source.kind === 'prometheus') {
    const { checkPrometheus } = await import('./prometheus-telemetry.ts');
    return checkPrometheus(source, window, io);
  }
  const { inventory } = await readTelemetry(source, window, io);
  return { inventory, warnings: [] };
}
