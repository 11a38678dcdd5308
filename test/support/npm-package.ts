// Installs an optional npm package into the cache, for NODE_PATH.

import { writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { cacheFolder } from '../../core/user-folders.ts';
import { runTool } from '../../lab/run-tool.ts';
import { builtOnce } from './jvms/built-once.ts';

/** @param wanted such as `kerberos@7.0.0`; native code is compiled in about 15 s. @returns its node_modules */
export async function npmPackage(wanted: string): Promise<string> {
  const home = await builtOnce(join(cacheFolder(process.env), `npm-${wanted}`), async (folder) => {
    await writeFile(join(folder, 'package.json'), '{"private":true}');
    const environment = {
      ...process.env,
      // `npm run` passes on the .npmrc of this repository, which disables install scripts.
      npm_config_ignore_scripts: 'false',
      // Headers of the Node that runs the tests, which node-gyp would otherwise download.
      npm_config_nodedir: dirname(dirname(process.execPath)),
    };
    const words = ['install', '--prefix', folder, '--no-audit', '--no-fund', wanted];
    const answer = await runTool('npm', words, { signal: AbortSignal.timeout(240_000), environment });
    if (answer?.exitCode !== 0) throw new Error(`${wanted} was not installed: ${answer?.stderr.slice(-500)}`);
  });
  return join(home, 'node_modules');
}
