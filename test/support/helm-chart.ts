// Renders the Helm chart with a real helm.

import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { parseAllDocuments } from 'yaml';
import { z } from 'zod';
import { builtWithGo } from './built-with-go.ts';

export const chart = fileURLToPath(new URL('../../deploy/helm/plimsoll', import.meta.url));

export const helmProgram = (): Promise<string> => builtWithGo('helm', 'helm.sh/helm/v3', 'v3.18.6', './cmd/helm');

/** Names of Secrets may contain dots, those of volumes may not. */
const secrets = ['kafka-login', 'orders.kafka-login'];

/** Values that enable every part. */
export const everythingInChart = {
  config: { clusters: { orders: { broker: 'kafka', bootstrap: ['kafka-0.kafka:9092'] } } },
  service: { secrets, env: [{ name: 'TZ', value: 'Asia/Shanghai' }] },
  discovery: { enabled: true },
  exporters: { enabled: true, secrets, env: [{ name: 'TZ', value: 'Asia/Shanghai' }] },
  networkPolicy: { reaches: ['10.20.0.0/16'] },
  serviceMonitor: { enabled: true, basicAuthSecret: 'plimsoll-scrape', tlsConfig: { insecureSkipVerify: true } },
  prometheusRule: { enabled: true, labels: { release: 'prometheus' } },
  dashboards: { enabled: true },
};

const Rendered = z.looseObject({
  kind: z.string(),
  metadata: z.object({ name: z.string() }),
  data: z.record(z.string(), z.string()).optional(),
  spec: z.looseObject({ groups: z.array(z.object({ rules: z.array(z.looseObject({})) })).optional() }).optional(),
});

/** @returns the text and its objects. @throws Error with helm's message if it rejects the values */
export async function renderChart(values: object) {
  const folder = await mkdtemp(join(tmpdir(), 'plimsoll-test-helm-'));
  try {
    const file = join(folder, 'values.json');
    await writeFile(file, JSON.stringify(values));
    const place = ['--namespace', 'monitoring', '--kube-version', '1.31.0'];
    const words = ['template', 'plimsoll', chart, '--values', file, ...place];
    const { stdout } = await promisify(execFile)(await helmProgram(), words, { maxBuffer: 2 ** 26 });
    const documents = parseAllDocuments(stdout).flatMap((document) => document.toJS() ?? []);
    return { text: stdout, objects: documents.map((document: unknown) => Rendered.parse(document)) };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
