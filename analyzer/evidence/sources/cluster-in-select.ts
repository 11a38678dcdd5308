// Replaces `$cluster` in `select` with the cluster name, for a source that holds several clusters.

import { AppError } from '../../../core/errors.ts';
import type { PrometheusTelemetry } from './config.ts';

const word = '$cluster';
const matcher = /(=~|!~|!=|=)(\s*)"((?:[^"\\]|\\.)*)"/g;

/**
 * The name is literal: special characters of PromQL and regular expressions are escaped.
 *
 * @throws AppError usage where `select` refers to a cluster and none is named
 */
export function withClusterSelected(source: PrometheusTelemetry, cluster: string | undefined): PrometheusTelemetry {
  const { brokers, hosts } = source.select;
  if (brokers?.includes(word) !== true && hosts?.includes(word) !== true) return source;
  if (cluster === undefined) {
    throw new AppError('usage', `\`select\` of ${source.url} has ${word}, and no cluster is named`, {
      hint: 'name the cluster as the source calls it, with --cluster',
    });
  }
  return {
    ...source,
    select: {
      ...(brokers !== undefined && { brokers: filled(brokers, cluster) }),
      ...(hosts !== undefined && { hosts: filled(hosts, cluster) }),
    },
  };
}

function filled(matchers: string, cluster: string): string {
  return matchers.replaceAll(matcher, (_, operator: string, gap: string, value: string) => {
    const name = operator.endsWith('~') ? cluster.replaceAll(/[\\^$.*+?()[\]{}|]/g, String.raw`\$&`) : cluster;
    const quoted = name.replaceAll(/["\\]/g, String.raw`\$&`).replaceAll('\n', String.raw`\n`);
    return `${operator}${gap}"${value.replaceAll(word, () => quoted)}"`;
  });
}
