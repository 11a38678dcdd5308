// Runs pint on the rules, alone and against a real Prometheus.

import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect } from 'vitest';
import { builtWithGo } from '../../support/built-with-go.ts';
import { pageHistory } from '../../support/page-history.ts';
import { fullMatrix, requires } from '../../support/prerequisites.ts';
import { startPrometheus } from '../../support/prometheus.ts';

const repository = fileURLToPath(new URL('../../..', import.meta.url));
const run = promisify(execFile);
const golden = (name: string) => readFile(join(repository, 'test/golden', name), 'utf8');

if (fullMatrix) {
  requires('go', 'prometheus', 'promtool').test(
    'pint reports no problem with the rules, and every series in them exists',
    async () => {
      const pint = await builtWithGo('pint', 'github.com/cloudflare/pint', 'v0.87.0', './cmd/pint');
      const pages = await Promise.all(['metrics.prom', 'metrics-rocketmq.prom'].map(golden));
      const span = { endsAt: Math.floor(Date.now() / 1000), seconds: 3600, everySeconds: 60 };
      await using prometheus = await startPrometheus({ job: 'none', scrapes: [], history: pageHistory(pages, span) });
      await prometheus.untilAnswered('up');
      const folder = await mkdtemp(join(tmpdir(), 'plimsoll-pint-'));
      try {
        const config = join(folder, 'pint.hcl');
        const shipped = await readFile(join(repository, 'alerts/pint.hcl'), 'utf8');
        const server = `prometheus "pages" {\n  uri = "${prometheus.url}"\n  required = true\n  uptime = "plimsoll_cluster_up"\n}\n`;
        await writeFile(config, server + shipped);
        const options = ['--no-color', '--config', config, 'lint', 'alerts/rules'];
        // The exit code is 1 if pint finds a problem, which the output names.
        const found = await run(pint, options, { cwd: repository }).then(
          ({ stderr }) => stderr,
          (error: Error) => `Fatal: ${error.message}`,
        );
        expect(found).not.toMatch(/Bug|Warning|Fatal/);
        expect(found).toContain('online=true');
      } finally {
        await rm(folder, { recursive: true });
      }
    },
    600_000,
  );
}
