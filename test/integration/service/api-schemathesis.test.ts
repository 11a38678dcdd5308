// Runs Schemathesis on the API with its OpenAPI document.

import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { operations } from '../../../service/api/registry.ts';
import { readAnalysis } from '../../support/analyses.ts';
import { fullMatrix, requires } from '../../support/prerequisites.ts';
import { startService, type RunningService } from '../../support/running-service.ts';

const run = promisify(execFile);
const version = '4.32.5';
const examples = 50;
const recorded = fileURLToPath(new URL('../../fixtures/recorded-runs/find-safe', import.meta.url));

/** Requests that are invalid although the schema allows them: a promotion that ends before it starts, a plan without domains. */
const settings = ['POST /changes', 'POST /size', 'GET /clusters/{cluster}/what-if']
  .map((name) => `[[operations]]\ninclude-name = "${name}"\nchecks.positive_data_acceptance.enabled = false\n`)
  .join('\n');

if (fullMatrix) {
  requires('pip').describe('Schemathesis', () => {
    let folder: string;
    let service: RunningService;

    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), 'plimsoll-schemathesis-'));
      await run('python3', ['-m', 'venv', join(folder, 'venv')]);
      await run(join(folder, 'venv/bin/pip'), ['install', '--quiet', `schemathesis==${version}`]);
      await writeFile(join(folder, 'schemathesis.toml'), settings);
      // Nothing listens there, but the API still returns the state of clusters.
      const at = (port: number) => ({ broker: 'kafka', bootstrap: [`127.0.0.1:${port}`] });
      service = await startService({ clusters: { orders: at(1), pay: at(2) } }, (history) => {
        const by = { name: 'root', through: 'cli' } as const;
        history.append({ kind: 'verdict', cluster: 'pay', document: readAnalysis('readings') }, by);
        history.append(
          { kind: 'test', cluster: 'orders', evidence: recorded, document: readAnalysis('load-test') },
          by,
        );
      });
    }, 300_000);
    afterAll(async () => {
      await service?.[Symbol.asyncDispose]();
      await rm(folder, { recursive: true, force: true });
    });

    test('finds no 5xx response, no response that violates its schema, and no undocumented status', async () => {
      const { Authorization } = await service.operator();
      const words = ['--config-file', join(folder, 'schemathesis.toml'), 'run', `${service.url}api/v1/openapi.json`];
      const found = await run(
        join(folder, 'venv/bin/schemathesis'),
        [
          ...words,
          '--header',
          `Authorization: ${Authorization}`,
          '--max-examples',
          String(examples),
          '--seed',
          '1',
          '--no-color',
        ],
        { cwd: folder, maxBuffer: 64 << 20 },
      ).catch((error: { stdout: string }) => {
        throw new Error(error.stdout.slice(error.stdout.indexOf('= FAILURES =')));
      });
      // All operations except the document itself.
      expect(found.stdout).toContain(`Tested: ${operations.length}\n`);
      expect(found.stdout).toMatch(/(\d+) generated, \1 passed/);
      expect(service.said()).not.toContain('broke down');
    }, 600_000);
  });
}
