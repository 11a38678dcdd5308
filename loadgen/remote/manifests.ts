// Renders Kubernetes manifests for workers: a Secret with the pass and a Job per worker.

import { stringify } from 'yaml';
import type { Pass } from './pass.ts';

interface ManifestOptions {
  passes: readonly Pass[];
  namespace: string;
  /** Image with this version of Plimsoll, which provides the command `plimsoll`. */
  image: string;
  /** CPU request of each worker; there is no CPU limit. */
  cpu: string;
  memory: string;
  /** Names of Secrets that the config refers to. */
  secrets: readonly string[];
}

const passFolder = '/etc/plimsoll';

/** @returns YAML documents: one Secret and one Job per worker */
export function renderManifests({ passes, namespace, image, cpu, memory, secrets }: ManifestOptions): string {
  const documents = passes.flatMap((pass) => {
    const metadata = {
      name: `plimsoll-worker-${pass.worker}`,
      namespace,
      labels: { 'app.kubernetes.io/name': 'plimsoll-worker', 'app.kubernetes.io/instance': pass.worker },
    };
    return [
      { apiVersion: 'v1', kind: 'Secret', metadata, type: 'Opaque', stringData: { 'pass.json': JSON.stringify(pass) } },
      {
        apiVersion: 'batch/v1',
        kind: 'Job',
        metadata,
        spec: {
          // A token is valid once: a second pod could not replace the first.
          backoffLimit: 0,
          completions: 1,
          parallelism: 1,
          ttlSecondsAfterFinished: 3600,
          template: {
            metadata: { labels: metadata.labels },
            spec: {
              restartPolicy: 'Never',
              automountServiceAccountToken: false,
              securityContext: { runAsNonRoot: true, runAsUser: 1000, seccompProfile: { type: 'RuntimeDefault' } },
              // Two workers on one node would share the resources that each was measured with.
              topologySpreadConstraints: [
                {
                  maxSkew: 1,
                  topologyKey: 'kubernetes.io/hostname',
                  whenUnsatisfiable: 'ScheduleAnyway',
                  labelSelector: { matchLabels: { 'app.kubernetes.io/name': 'plimsoll-worker' } },
                },
              ],
              containers: [
                {
                  name: 'worker',
                  image,
                  args: ['worker', '--pass', `${passFolder}/pass.json`],
                  resources: { requests: { cpu, memory }, limits: { memory } },
                  securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
                  volumeMounts: [
                    { name: 'pass', mountPath: passFolder, readOnly: true },
                    ...secrets.map((secret, index) => ({
                      name: `secret-${index}`,
                      mountPath: `/etc/plimsoll-secrets/${secret}`,
                      readOnly: true,
                    })),
                  ],
                },
              ],
              volumes: [
                { name: 'pass', secret: { secretName: metadata.name, defaultMode: 0o444 } },
                ...secrets.map((secretName, index) => ({
                  name: `secret-${index}`,
                  secret: { secretName, defaultMode: 0o444 },
                })),
              ],
            },
          },
        },
      },
    ];
  });
  return documents.map((document) => `---\n${stringify(document)}`).join('');
}
