// Provides minimal custom resource definitions of Strimzi and the RocketMQ operator, and objects as these operators write them.

/** Accepts all fields, because it lacks the operators' own schemas. */
export function definition(group: string, plural: string, kind: string, versions: readonly string[]) {
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${plural}.${group}` },
    spec: {
      group,
      scope: 'Namespaced',
      names: { plural, singular: kind.toLowerCase(), kind, listKind: `${kind}List` },
      versions: versions.map((name, index) => ({
        name,
        served: true,
        storage: index === versions.length - 1,
        subresources: { status: {} },
        schema: { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } },
      })),
    },
  };
}

interface KafkaObject {
  name: string;
  namespace: string;
  listeners: readonly object[];
  status?: object;
}

/** An object of Strimzi 0.45 to 0.48, with `spec.kafka` reduced to the listeners. */
export const kafkaObject = (version: string, { name, namespace, listeners, status }: KafkaObject) => ({
  apiVersion: `kafka.strimzi.io/${version}`,
  kind: 'Kafka',
  metadata: { name, namespace },
  spec: { kafka: { listeners, config: { 'default.replication.factor': 3 } }, entityOperator: { userOperator: {} } },
  ...(status && { status }),
});

export const plain = { name: 'plain', port: 9092, type: 'internal', tls: false };
export const scram = {
  name: 'scram',
  port: 9094,
  type: 'internal',
  tls: true,
  authentication: { type: 'scram-sha-512' },
};
export const mutual = { name: 'mutual', port: 9093, type: 'internal', tls: true, authentication: { type: 'tls' } };
export const external = {
  name: 'external',
  port: 9095,
  type: 'loadbalancer',
  tls: true,
  authentication: { type: 'tls' },
};

export function listenerStatus(
  cluster: string,
  namespace: string,
  listeners: readonly { name: string; port: number }[],
) {
  const host = `${cluster}-kafka-bootstrap.${namespace}.svc`;
  return {
    clusterId: `${cluster}-0123456789abcdef`,
    kafkaVersion: '4.1.0',
    observedGeneration: 1,
    conditions: [{ type: 'Ready', status: 'True' }],
    listeners: listeners.map(({ name, port }) => ({
      name,
      addresses: [{ host, port }],
      bootstrapServers: `${host}:${port}`,
      certificates: ['-----BEGIN CERTIFICATE-----\nMIIC\n-----END CERTIFICATE-----\n'],
    })),
  };
}

interface UserObject {
  name: string;
  namespace: string;
  cluster: string;
  type: string;
}

export const userObject = (version: string, { name, namespace, cluster, type }: UserObject) => ({
  apiVersion: `kafka.strimzi.io/${version}`,
  kind: 'KafkaUser',
  metadata: { name, namespace, labels: { 'strimzi.io/cluster': cluster } },
  spec: { authentication: { type } },
  status: { username: type === 'tls' ? `CN=${name}` : name, secret: name },
});

export const nameServiceObject = (name: string, namespace: string, nameServers: readonly string[]) => ({
  apiVersion: 'rocketmq.apache.org/v1alpha1',
  kind: 'NameService',
  metadata: { name, namespace },
  spec: { size: nameServers.length, hostNetwork: true, storageMode: 'EmptyDir' },
  status: { nameServers },
});

export const brokerObject = (name: string, namespace: string, nameServers: string) => ({
  apiVersion: 'rocketmq.apache.org/v1alpha1',
  kind: 'Broker',
  metadata: { name, namespace },
  spec: { size: 1, nameServers, replicaPerGroup: 1, allowRestart: true },
});
