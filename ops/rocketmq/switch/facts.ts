// Defines the facts of a master-slave switch between steps.

import { z } from 'zod';
import { ClosedGroup } from '../close-writes.ts';

export const SwitchFacts = ClosedGroup.extend({
  master: z.string().describe('address of the master before the change'),
  slave: z.string().describe('address of the slave that becomes the master'),
  slaveId: z.number().int().positive(),
  role: z.string().describe('brokerRole of the master, which the slave gets'),
  quietAt: z.iso.datetime().optional(),
});
export type SwitchFacts = z.infer<typeof SwitchFacts>;
