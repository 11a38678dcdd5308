// Renders the clusters of site.yaml: settings and services of each instance, and the instances.yaml that installs them.

import { renderSite } from '../../app/instances/render-site.ts';
import { AppError } from '../../core/errors.ts';
import { writeRendered } from '../../ops/render/write-rendered.ts';
import { defineCommand, oneWord, text } from '../command.ts';

export const instancesRenderCommand = defineCommand({
  positionals: 'SITE.yaml',
  options: {
    out: text('DIR', 'folder to write; unchanged files are overwritten, a folder with edited files is refused'),
  },
  examples: ['plimsoll instances render site.yaml --out hosts'],

  async run(io) {
    const path = oneWord(io, 'instances render', 'a site file');
    const { out } = io.options;
    if (out === undefined) throw new AppError('usage', 'instances render needs --out DIR');
    const { files, instances } = await renderSite(path, io);
    await writeRendered(out, files, io);
    io.stdout.write(`${out}/instances.yaml\n`);
    io.stderr.write(
      `${Object.keys(instances).length} instances written. Copy ${out}/clusters.yaml to plimsoll.yaml, with \`instances: ${out}/instances.yaml\`, then: plimsoll instances install\n`,
    );
  },
});
