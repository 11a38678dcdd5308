// Discovers Kafka and RocketMQ clusters managed by Kubernetes operators, and renders a config file for them.

import { stringify } from 'yaml';
import { z } from 'zod';
import { ClusterConfig } from '../../brokers/config.ts';
import { AppError } from '../../core/errors.ts';
import type { Caller } from '../caller.ts';
import { resolveAccess } from './access.ts';
import { listObjects, type Resource } from './get-objects.ts';
import { resources, RocketmqBroker, RocketmqNameService, StrimziKafka, StrimziUser } from './operator-objects.ts';
import { proposeClusters, type Proposal } from './propose-clusters.ts';

type Request = Readonly<
  Partial<Record<'kubeconfig' | 'context' | 'namespace' | 'listener' | 'user', string | undefined>>
>;

/** Does not read Secrets: the config names their files. @throws AppError kubernetes-refused, usage, config-invalid, config-unreadable, not-found */
export async function discoverInKubernetes({
  options: { kubeconfig, context, namespace, listener, user },
  environment,
  signal,
}: Pick<Caller<Request>, 'options' | 'environment' | 'signal'>): Promise<Proposal> {
  const access = await resolveAccess({ kubeconfig, context, environment, signal });
  const notices: string[] = [];
  async function list<Shape extends z.ZodType>(
    resource: Resource,
    shape: Shape,
  ): Promise<z.output<Shape>[] | undefined> {
    const objects = await listObjects(access, resource, namespace, signal);
    return objects?.flatMap((object) => {
      const parsed = shape.safeParse(object);
      if (parsed.success) return [parsed.data];
      const [issue] = parsed.error.issues;
      notices.push(`${nameOf(object)} (${resource.plural}) is left out: ${issue?.path.join('.')}: ${issue?.message}`);
      return [];
    });
  }
  const kafkas = await list(resources.kafkas, StrimziKafka);
  const nameServices = await list(resources.nameServices, RocketmqNameService);
  if (kafkas === undefined && nameServices === undefined) {
    throw new AppError('not-found', `${access.server.origin} has neither Strimzi nor the RocketMQ operator`, {
      hint: '`kubectl api-resources | grep -E "strimzi|rocketmq"` lists what it has',
    });
  }
  // Users are needed only for a login, and listing them requires a separate permission.
  const users = user === undefined || kafkas === undefined ? [] : await list(resources.users, StrimziUser);
  const brokers = nameServices === undefined ? [] : await list(resources.brokers, RocketmqBroker);
  const found = { kafkas: kafkas ?? [], users: users ?? [], nameServices: nameServices ?? [], brokers: brokers ?? [] };
  const proposal = proposeClusters(found, { listener, user });
  const usable: Proposal = { clusters: {}, notices: [...notices, ...proposal.notices] };
  for (const [name, cluster] of Object.entries(proposal.clusters)) {
    const issue = ClusterConfig.safeParse(cluster.config).error?.issues[0];
    if (issue === undefined) usable.clusters[name] = cluster;
    else usable.notices.push(`${cluster.source} is left out: ${issue.path.join('.')}: ${issue.message}`);
  }
  return usable;
}

const Named = z.looseObject({ metadata: z.looseObject({ name: z.string(), namespace: z.string() }) });
const nameOf = (object: unknown): string => {
  const { data } = Named.safeParse(object);
  return data === undefined ? 'an object without a name' : `${data.metadata.namespace}/${data.metadata.name}`;
};

/** @returns YAML of a config file with comments */
export function renderKubernetesConfig({ clusters }: Proposal): string {
  const sections = Object.fromEntries(Object.entries(clusters).map(([name, { config }]) => [name, config]));
  const found = Object.entries(clusters).map(([name, { source, version, secrets }]) => {
    const what = `# ${name}: ${source}${version === undefined ? '' : `, version ${version}`}\n`;
    return secrets.length === 0
      ? what
      : `${what}#   Secrets of its namespace, for service.secrets of the chart: ${secrets.join(', ')}\n`;
  });
  return `# Written by \`plimsoll config discover\` from the operators in Kubernetes. \`plimsoll config check\` checks it after an edit.
${found.join('')}${stringify({ clusters: sections }, { lineWidth: 0, flowCollectionPadding: false })}`;
}
