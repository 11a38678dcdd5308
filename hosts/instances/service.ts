// Names the service of an instance, whichever supervisor starts it.

import type { DesiredInstance } from '../../core/documents/instances.ts';
import type { StartedBy } from './find-instances.ts';

export type Service = Exclude<StartedBy, { kind: 'none' }>;
type Services = Pick<DesiredInstance, 'supervisord' | 'systemd'>;

/** One text for each service of a host. */
export const serviceKey = (service: Service): string =>
  service.kind === 'systemd' ? `systemd ${service.unit}` : `supervisord ${service.config ?? ''} ${service.program}`;

export function serviceOf({ supervisord, systemd }: Services): Service | undefined {
  if (systemd !== undefined) return { kind: 'systemd', unit: systemd.unit };
  if (supervisord === undefined) return undefined;
  const { program, config, sudo } = supervisord;
  return { kind: 'supervisord', program, sudo, ...(config !== undefined && { config }) };
}
