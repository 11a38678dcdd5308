// Builds the documentation site from docs/ into dist-site/ with VitePress.

import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runNode } from './run-node.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
/** Files that pages link to and VitePress does not copy, with their path on the site. */
const beside = {
  'docs/schema': 'schema',
  'docs/reference/data': 'reference/data',
  'docs/gallery': 'gallery',
  'dashboards/grafana/json': 'dashboards/grafana/json',
  examples: 'examples',
  evidence: 'evidence',
};

// VitePress treats other unknown extensions as pages and appends `.html` to their links.
process.env['VITE_EXTRA_EXTENSIONS'] = 'ndjson';
const exitCode = await runNode([join(root, 'node_modules/vitepress/bin/vitepress.js'), 'build', 'site'], root);
if (exitCode !== 0) process.exit(exitCode);
for (const [from, to] of Object.entries(beside)) {
  await cp(join(root, from), join(root, 'dist-site', to), { recursive: true });
}
process.stdout.write('built dist-site/\n');
