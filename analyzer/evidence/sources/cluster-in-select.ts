// Replaces `$cluster` in `select` or `group` with the cluster name, for a source that contains several clusters.

import { AppError } from '../../../core/errors.ts';
import type { PrometheusTelemetry, ZabbixApi } from './config.ts';

const word = '$cluster';
const matcher = /(=~|!~|!=|=)(\s*)"((?:[^"\\]|\\.)*)"/g;

/**
 * The name is literal: special characters of PromQL and regular expressions are escaped.
 *
 * @throws AppError usage if `select` refers to a cluster and none is named
 */
export function withClusterSelected(source: PrometheusTelemetry, cluster: string | undefined): PrometheusTelemetry {
  const { brokers, hosts } = source.select;
  if (brokers?.includes(word) !== true && hosts?.includes(word) !== true) return source;
  const name = named(cluster, `\`select\` of ${source.url}`);
  return {
    ...source,
    select: {
      ...(brokers !== undefined && { brokers: filled(brokers, name) }),
      ...(hosts !== undefined && { hosts: filled(hosts, name) }),
    },
  };
}

/** @throws AppError usage if `group` refers to a cluster and none is named */
export function groupOfCluster({ group, url }: ZabbixApi, cluster: string | undefined): string | undefined {
  if (group?.includes(word) !== true) return group;
  const name = named(cluster, `\`group\` of ${url}`);
  return group.replaceAll(word, () => name);
}

function named(cluster: string | undefined, what: string): string {
  if (cluster !== undefined) return cluster;
  throw new AppError('usage', `${what} has ${word}, and no cluster is named`, {
    hint: 'name the cluster as the source calls it, with --cluster',
  });
}

function filled(matchers: string, cluster: string): string {
  return matchers.replaceAll(matcher, (_, operator: string, gap: string, value: string) => {
    const name = operator.endsWith('~') ? cluster.replaceAll(/[\\^$.*+?()[\]{}|]/g, String.raw`\$&`) : cluster;
    const quoted = name.replaceAll(/["\\]/g, String.raw`\$&`).replaceAll('\n', String.raw`\n`);
    return `${operator}${gap}"${value.replaceAll(word, () => quoted)}"`;
  });
}
