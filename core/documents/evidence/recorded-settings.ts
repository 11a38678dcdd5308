// Defines the settings of brokers, topics and JVMs that a run records, so that later changes can be detected.

import { z } from 'zod';

const Values = z.record(z.string(), z.string());

export const RecordedSettings = z.strictObject({
  /** Brokers whose settings were read. */
  read: z.array(z.string()),
  /** Settings with the same value on all of them, without secrets. */
  shared: Values,
  /** By broker id: settings that differ, including names and addresses. */
  own: z.record(z.string(), Values),
  /** Effective value by topic of the run, for topics that existed before it. */
  minInSyncReplicas: z.record(z.string(), z.number().int().positive()).optional(),
  /** Kafka: topics of the cluster that keep messages longest, with and without a size limit; those of load tests and tiered ones excluded. */
  longestRetention: z
    .array(
      z.strictObject({
        topic: z.string(),
        /** Absent without a time limit. */
        seconds: z.number().nonnegative().optional(),
        hasSizeLimit: z.boolean(),
      }),
    )
    .optional(),
  /** Kafka: values of `compression.type` that such topics set, each with one of its topics. */
  codecs: Values.optional(),
  /** Kafka: number of such topics whose settings could not be read, so that the two above are not complete. */
  unreadTopics: z.number().int().positive().optional(),
  /** By broker id: JVM command line without most system properties, which may contain secrets. */
  jvms: z.record(
    z.string(),
    z.strictObject({
      version: z.string().optional(),
      flags: z.array(z.string()),
      /** CPU limit of its cgroup in cores; absent without a limit. */
      cpuLimitCores: z.number().positive().optional(),
      /** CPUs in its affinity; absent if unknown. */
      allowedCpus: z.number().int().positive().optional(),
    }),
  ),
  /** Why a part could not be read. */
  unread: z.array(z.string()),
});
export type RecordedSettings = z.infer<typeof RecordedSettings>;
