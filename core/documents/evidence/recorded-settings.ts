// Defines the settings of brokers, topics and JVMs that a run keeps, so that a later change of one is seen.

import { z } from 'zod';

const Values = z.record(z.string(), z.string());

export const RecordedSettings = z.strictObject({
  /** Brokers whose settings were read. */
  read: z.array(z.string()),
  /** Settings with the same value on all of them; secrets are left out. */
  shared: Values,
  /** By broker id: those that differ, names and addresses among them. */
  own: z.record(z.string(), Values),
  /** In force, by topic of the run that existed before it. */
  minInSyncReplicas: z.record(z.string(), z.number().int().positive()).optional(),
  /** By broker id: how its JVM was started, without system properties, which may hold secrets. */
  jvms: z.record(
    z.string(),
    z.strictObject({
      version: z.string().optional(),
      flags: z.array(z.string()),
      /** Cores that its cgroup allows; absent without a limit. */
      cpuLimitCores: z.number().positive().optional(),
      /** CPUs that it may use, by its affinity; absent where unknown. */
      allowedCpus: z.number().int().positive().optional(),
    }),
  ),
  /** Why a part could not be read. */
  unread: z.array(z.string()),
});
export type RecordedSettings = z.infer<typeof RecordedSettings>;
