// Reads telemetry of a cluster from any configured source, or checks with few queries what the source has.

import type { Clock } from '../../../core/clock.ts';
import { AppError } from '../../../core/errors.ts';
import type { SourceConfig } from './config.ts';
import type { FigureSource, SourceTelemetry, TelemetryWindow } from './source-telemetry.ts';

export interface SourceIo {
  signal: AbortSignal;
  /** Waits between attempts; default: the system's. */
  clock?: Clock;
  /** Name of the source in the config; default: its URL or files. */
  name?: string;
  /** Called with progress from 0 to 1. */
  progress?: (share: number) => void;
}

export interface SourceCheck {
  cluster?: string;
  inventory: readonly FigureSource[];
  /** Link speeds reported by the kernel of a host; a virtual link may be slower, so no verdict uses them. */
  reportedSpeeds?: readonly { host: string; device: string; bitsPerSecond: number }[];
  warnings: readonly string[];
}

/**
 * Queries aggregate at the source: they return one value per host, broker or group and interval, never raw samples.
 * Memory is bounded: a window with too many intervals is refused, with the step that fits.
 *
 * @returns the figures found; missing ones are in `findings` and `inventory`
 * @throws AppError source-refused if nothing could be read, credentials-refused, usage for an invalid window
 */
export async function readTelemetry(
  source: SourceConfig,
  window: TelemetryWindow,
  io: SourceIo,
): Promise<SourceTelemetry> {
  io.signal.throwIfAborted();
  if (!(window.to > window.from)) throw new AppError('usage', 'the window of a source ends before it begins');
  if (!(window.stepSeconds >= 1)) throw new AppError('usage', 'the step of a source is a second or more');
  switch (source.kind) {
    case 'prometheus':
      return (await import('./prometheus-telemetry.ts')).readPrometheus(source, window, io);
    case 'zabbix':
      return (await import('./zabbix-api.ts')).readZabbixApi(source, window, io);
    case 'zabbix-export':
      return (await import('./zabbix-export.ts')).readZabbixExport(source, window, io);
    case 'cloudwatch':
      return (await import('./cloudwatch-api.ts')).readCloudWatchApi(source, window, io);
    case 'cloudwatch-export':
      return (await import('./cloudwatch-export.ts')).readCloudWatchExport(source, window, io);
  }
}

/** Queries a Prometheus for few points of each figure; reads other systems in full. @throws as readTelemetry */
export async function checkSource(source: SourceConfig, window: TelemetryWindow, io: SourceIo): Promise<SourceCheck> {
  if (source.kind === 'prometheus')
    return (await import('./prometheus-telemetry.ts')).checkPrometheus(source, window, io);
  const { inventory } = await readTelemetry(source, window, io);
  return { inventory, warnings: [] };
}
