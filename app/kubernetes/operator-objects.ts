// Parses the objects of the Strimzi and RocketMQ operators that describe a cluster.

import { z } from 'zod';
import type { Resource } from './get-objects.ts';

export const resources = {
  kafkas: { group: 'kafka.strimzi.io', plural: 'kafkas', versions: ['v1', 'v1beta2'] },
  users: { group: 'kafka.strimzi.io', plural: 'kafkausers', versions: ['v1', 'v1beta2'] },
  nameServices: { group: 'rocketmq.apache.org', plural: 'nameservices', versions: ['v1alpha1'] },
  brokers: { group: 'rocketmq.apache.org', plural: 'brokers', versions: ['v1alpha1'] },
} as const satisfies Record<string, Resource>;

/** Used in config comments and file paths. */
const Name = z.string().regex(/^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$/, 'a name of an object of Kubernetes');

const Metadata = z.looseObject({
  name: Name,
  namespace: z.string().regex(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/, 'a name of a namespace'),
  labels: z.record(z.string(), z.string()).optional(),
});

const Authentication = z.looseObject({ type: z.string() });

/** Strimzi API, `Kafka` of v1beta2 and v1: strimzi.io/docs/operators/latest/configuring. */
export const StrimziKafka = z.looseObject({
  metadata: Metadata,
  spec: z.looseObject({
    kafka: z.looseObject({
      listeners: z.array(
        z.looseObject({
          name: z.string(),
          type: z.string(),
          tls: z.boolean().default(false),
          authentication: Authentication.optional(),
          configuration: z
            .looseObject({ brokerCertChainAndKey: z.looseObject({ secretName: z.string() }).optional() })
            .optional(),
        }),
      ),
    }),
  }),
  status: z
    .looseObject({
      clusterId: z.string().min(1).max(200).optional(),
      kafkaVersion: z
        .string()
        .regex(/^[\w.-]{1,40}$/)
        .optional()
        .catch(undefined),
      // Older versions store the name in `type`.
      listeners: z
        .array(
          z.looseObject({
            name: z.string().optional(),
            type: z.string().optional(),
            bootstrapServers: z.string().optional(),
          }),
        )
        .default([]),
    })
    .optional(),
});
export type StrimziKafka = z.output<typeof StrimziKafka>;

export const StrimziUser = z.looseObject({
  metadata: Metadata,
  spec: z.looseObject({ authentication: Authentication.optional() }).optional(),
  status: z.looseObject({ username: z.string().optional(), secret: Name.optional() }).optional(),
});
export type StrimziUser = z.output<typeof StrimziUser>;

/** Types of apache/rocketmq-operator, pkg/apis/rocketmq/v1alpha1: `status.nameServers` has addresses without a port. */
export const RocketmqNameService = z.looseObject({
  metadata: Metadata,
  status: z.looseObject({ nameServers: z.array(z.string()).nullish() }).optional(),
});
export type RocketmqNameService = z.output<typeof RocketmqNameService>;

/** `spec.nameServers` is separated by semicolons; without it the operator inserts the name servers it created. */
export const RocketmqBroker = z.looseObject({
  metadata: Metadata,
  spec: z.looseObject({ nameServers: z.string().optional() }),
});
export type RocketmqBroker = z.output<typeof RocketmqBroker>;
