// Validates the rendered Helm chart and the manifests with kubeconform, and the chart with kube-score.

import { execFile } from 'node:child_process';
import { globSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { everythingInChart, renderChart } from '../support/helm-chart.ts';
import { builtWithGo } from '../support/built-with-go.ts';
import { kubernetesSchemas, schemaLocation } from '../support/kubernetes-schemas.ts';
import { fullMatrix, requires } from '../support/prerequisites.ts';

const repository = fileURLToPath(new URL('../..', import.meta.url));
const run = promisify(execFile);

/** Checks of kube-score that do not apply, with reasons. */
const ignored = {
  'container-image-pull-policy':
    'the tag is that of a version, which is not built twice; machines may be cut off from the registry',
};

const Results = z.object({
  summary: z.object({ valid: z.number(), invalid: z.number(), errors: z.number(), skipped: z.number() }),
});

if (fullMatrix)
  requires('go').describe('Kubernetes manifests', () => {
    let kubeconform = '';
    let kubeScore = '';
    let schemas = '';
    let folder = '';
    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), 'plimsoll-manifests-'));
      kubeconform = await builtWithGo('kubeconform', 'github.com/yannh/kubeconform', 'v0.7.0', './cmd/kubeconform');
      kubeScore = await builtWithGo('kube-score', 'github.com/zegl/kube-score', 'v1.20.0', './cmd/kube-score');
      schemas = await kubernetesSchemas();
    }, 900_000);
    afterAll(() => rm(folder, { recursive: true, force: true }));

    async function written(name: string, text: string): Promise<string> {
      const file = join(folder, name);
      await writeFile(file, text);
      return file;
    }

    /** No Go module of the proxy contains the definitions of the Prometheus operator. */
    async function validate(...files: string[]) {
      const skipped = ['-skip', 'ServiceMonitor,PrometheusRule,Kustomization'];
      const words = [
        '-strict',
        '-summary',
        '-output',
        'json',
        '-schema-location',
        join(schemas, schemaLocation),
        ...skipped,
      ];
      const { stdout } = await run(kubeconform, [...words, ...files]).catch((error: { stdout: string }) => error);
      return { text: stdout, ...Results.parse(JSON.parse(stdout)).summary };
    }

    test('every object of the chart matches the Kubernetes schema, with all parts and with none', async () => {
      const all = await written('all.yaml', (await renderChart(everythingInChart)).text);
      const alone = await written('alone.yaml', (await renderChart({ config: everythingInChart.config })).text);
      const { text, ...counts } = await validate(all, alone);
      expect(counts, text).toMatchObject({ invalid: 0, errors: 0 });
      expect(counts.valid).toBeGreaterThan(20);
    });

    test('every Kustomize manifest has only keys of the Kubernetes schema', async () => {
      const files = globSync('deploy/kubernetes/*/*.yaml', { cwd: repository }).filter(
        (file) => !/\/(?:plimsoll|kustomization)\.yaml$/.test(file),
      );
      const { text } = await validate(...files.map((file) => join(repository, file)));
      // The selectors that Kustomize adds.
      const { resources } = z
        .object({ resources: z.array(z.object({ filename: z.string(), msg: z.string() })) })
        .parse(JSON.parse(text));
      expect(resources.filter(({ msg }) => !/missing propert\w+:? '?selector'?/.test(msg))).toEqual([]);
    });

    test('validation detects an unknown key and a number in place of text', async () => {
      const { text } = await renderChart({ config: everythingInChart.config });
      const broken = text
        .replace('serviceAccountName: plimsoll', 'serviceAccountsName: plimsoll')
        .replace('clusterIP: None', 'clusterIP: 5');
      const { text: report, invalid } = await validate(await written('broken.yaml', broken));
      expect(invalid).toBe(2);
      expect(report).toContain('serviceAccountsName');
    });

    test('kube-score reports no problem with the chart', async () => {
      const file = await written('scored.yaml', (await renderChart(everythingInChart)).text);
      const words = ['score', '--output-format', 'ci', ...Object.keys(ignored).flatMap((id) => ['--ignore-test', id])];
      const { stdout } = await run(kubeScore, [...words, file]).catch((error: { stdout: string }) => error);
      const lines = stdout.trim().split('\n');
      expect(lines.length).toBeGreaterThan(10);
      expect(lines.filter((line) => /^\[(?:CRITICAL|WARNING)\]/.test(line))).toEqual([]);
    });
  });
