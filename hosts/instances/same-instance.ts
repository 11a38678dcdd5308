// Decides whether a running process is an instance of instances.yaml.

import type { DesiredInstance } from '../../core/documents/instances.ts';
import type { FoundInstance } from './find-instances.ts';
import { serviceOf } from './service.ts';

/** Compares the service if both have one; otherwise the settings file or port. */
export function isSame(instance: DesiredInstance, { startedBy, settingsFile, settings }: FoundInstance): boolean {
  const service = serviceOf(instance);
  if (service !== undefined && startedBy.kind !== 'none') {
    if (service.kind === 'systemd') return startedBy.kind === 'systemd' && startedBy.unit === service.unit;
    return (
      startedBy.kind === 'supervisord' &&
      startedBy.program === service.program &&
      (service.config === undefined || startedBy.config === undefined || service.config === startedBy.config)
    );
  }
  if (instance.settings !== undefined && settingsFile !== undefined) return instance.settings === settingsFile;
  return instance.port !== undefined && settings.port === instance.port && settings.role === instance.role;
}
