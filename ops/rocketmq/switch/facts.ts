// Defines the state that a master-slave switch keeps between steps.

import { z } from 'zod';

export const SwitchFacts = z.strictObject({
  brokerName: z.string(),
  members: z.array(z.strictObject({ brokerId: z.number().int(), address: z.string(), permission: z.number().int() })),
  master: z.string().describe('address of the master before the change'),
  slave: z.string().describe('address of the slave that becomes the master'),
  slaveId: z.number().int().positive(),
  role: z.string().describe('brokerRole of the master, which the slave gets'),
  topics: z.array(z.string()),
  names: z.array(z.string()),
  quietSeconds: z.number().positive(),
  quietAt: z.iso.datetime().optional(),
});
export type SwitchFacts = z.infer<typeof SwitchFacts>;
