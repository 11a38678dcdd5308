// What does it know of a cluster over a span of time?

import { AppError } from '../../core/errors.ts';
import type { ZabbixExport } from './config.ts';
import type { SourceTelemetry, TelemetryWindow } from './source-telemetry.ts';
import type { SourceIo } from './telemetry.ts';

export function readZabbixExport(
  source: ZabbixExport,
  _window: TelemetryWindow,
  _io: SourceIo,
): Promise<SourceTelemetry> {
  return Promise.reject(new AppError('usage', `${source.kind} is not read yet`));
}
