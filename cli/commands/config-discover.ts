// Implements `plimsoll config discover`: writes a config with the clusters that operators run in Kubernetes.

import { defaultConfigFile } from '../../app/config/config-file.ts';
import { discoverInKubernetes, renderKubernetesConfig } from '../../app/kubernetes/discover.ts';
import { AppError } from '../../core/errors.ts';
import { defineCommand, flag, text } from '../command.ts';
import { checkProposal, writeProposal } from '../proposed-file.ts';

export const configDiscoverCommand = defineCommand({
  options: {
    kubeconfig: text('FILE', 'kubeconfig file (default: $KUBECONFIG, the service account of the pod, ~/.kube/config)'),
    context: text('NAME', 'context of the kubeconfig file (default: its current one)'),
    namespace: text('NAME', 'only this namespace (default: all of them)'),
    listener: text(
      'NAME',
      'Strimzi listener (default: an internal listener with TLS whose authentication fits --user)',
    ),
    user: text('NAME', 'KafkaUser to log in as; the config names the files of its Secret, which is not read'),
    out: text('FILE', `file to write (default ${defaultConfigFile}; - for standard output)`),
    force: flag('overwrite an existing file'),
    json: flag('print one JSON document: the path written, the clusters found and those left out'),
  },
  examples: [
    'plimsoll config discover --out -',
    'plimsoll config discover --namespace kafka --user plimsoll --out orders.yaml',
    'plimsoll config discover --kubeconfig ~/.kube/production --context eu-1',
  ],

  async run(io) {
    const { options, stderr } = io;
    const out = options.out ?? defaultConfigFile;
    checkProposal(out, options);
    const proposal = await discoverInKubernetes(io);
    const { clusters, notices } = proposal;
    for (const notice of notices) stderr.write(`note: ${notice}\n`);
    const names = Object.keys(clusters);
    if (names.length === 0) {
      throw new AppError('not-found', 'the operators have no cluster that can be used', {
        hint: 'the notes above give the reasons; without notes, there is no Kafka or NameService object',
      });
    }
    await writeProposal(io, out, renderKubernetesConfig(proposal), { config: out, clusters, notices });
    stderr.write(`${names.length} ${names.length === 1 ? 'cluster' : 'clusters'} found: ${names.join(', ')}\n`);
  },
});
