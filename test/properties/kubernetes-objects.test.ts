// Checks that discovery, for any response of a Kubernetes API or kubeconfig, proposes a config that it can read, or omits it.

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { Kubeconfig } from '../../app/kubernetes/access.ts';
import { renderKubernetesConfig } from '../../app/kubernetes/discover.ts';
import { Group, Page } from '../../app/kubernetes/get-objects.ts';
import {
  RocketmqBroker,
  RocketmqNameService,
  StrimziKafka,
  StrimziUser,
} from '../../app/kubernetes/operator-objects.ts';
import { proposeClusters } from '../../app/kubernetes/propose-clusters.ts';
import * as objects from '../support/operator-objects.ts';

const schemas = { Group, Kubeconfig, Page, RocketmqBroker, RocketmqNameService, StrimziKafka, StrimziUser };

test.each(Object.entries(schemas))('%s accepts or rejects any JSON without an exception', (_, schema) => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      expect(schema.safeParse(value)).toHaveProperty('success');
    }),
  );
});

const text = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.constantFrom('orders', 'a\nclusters: {}', '4.1.0\n# x', '../../etc/shadow', '${env:HOME}', '__proto__', 'a: b'),
);

test('no text of an object breaks out of its comment or value, or refers to a file outside the secrets', () => {
  const made = fc.record({ name: text, namespace: text, version: text, secret: text, host: text, clusterId: text });
  fc.assert(
    fc.property(made, ({ name, namespace, version, secret, host, clusterId }) => {
      const listeners = [objects.scram];
      const ready = objects.listenerStatus('x', 'y', listeners);
      const status = {
        ...ready,
        clusterId,
        kafkaVersion: version,
        listeners: [{ name: 'scram', bootstrapServers: `${host}:9094` }],
      };
      const user = objects.userObject('v1', { name: 'plimsoll', namespace, cluster: name, type: 'scram-sha-512' });
      const found = {
        kafkas: readOf(StrimziKafka, objects.kafkaObject('v1', { name, namespace, listeners, status })),
        users: readOf(StrimziUser, { ...user, status: { username: version, secret } }),
        nameServices: readOf(RocketmqNameService, objects.nameServiceObject(name, namespace, [host])),
        brokers: readOf(RocketmqBroker, objects.brokerObject(name, namespace, `${host}:9876`)),
      };
      const proposal = proposeClusters(found, { user: 'plimsoll' });
      const rendered = renderKubernetesConfig(proposal);
      const configs = Object.entries(proposal.clusters).map(([each, { config }]) => [each, config]);
      expect(parse(rendered)).toEqual({ clusters: Object.fromEntries(configs) });
      for (const [, path = ''] of rendered.matchAll(/\$\{file:([^}]*)\}/g)) {
        expect(path).toMatch(/^\/etc\/plimsoll-secrets\/[a-z0-9][a-z0-9.-]*\/[a-z.]+$/);
      }
    }),
  );
});

function readOf<Read>(schema: { safeParse(value: unknown): { data?: Read } }, value: unknown): Read[] {
  const { data } = schema.safeParse(value);
  return data === undefined ? [] : [data];
}
