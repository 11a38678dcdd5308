// Returns the processes of the clusters with desired and actual state.

import { z } from 'zod';
import { InstanceStatus } from '../../../core/documents/instances.ts';
import { operation, schemaVersion } from '../operation.ts';

export const instances = operation({
  path: '/instances',
  id: 'listInstances',
  summary: 'Processes in instances.yaml, with desired and actual state.',
  answer: z.strictObject({
    schemaVersion: z.literal(1),
    at: z.iso
      .datetime()
      .optional()
      .describe('time of the last reading; absent before the first, or without instances.yaml'),
    instances: z.array(InstanceStatus),
    notices: z.array(z.string()).describe('hosts and supervisors that could not be read'),
  }),
  madeOf: 'moment',

  answerTo(_request, { instances: watch }) {
    const last = watch?.last();
    return {
      schemaVersion,
      ...(last && { at: last.at.toISOString() }),
      instances: [...(last?.instances ?? [])],
      notices: [...(last?.notices ?? [])],
    };
  },
});
