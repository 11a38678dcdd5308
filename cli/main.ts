// Starts the program. Compiled sources are cached, which saves a third of the start.

import { enableCompileCache } from 'node:module';
import { join } from 'node:path';
import { ignoreFault } from '../core/errors.ts';
import { cacheFolder } from '../core/user-folders.ts';

try {
  enableCompileCache(join(cacheFolder(process.env), 'compiled'));
} catch (fault) {
  ignoreFault('a user without a home, such as a dynamic one of systemd, has no cache unless XDG_CACHE_HOME names one')(
    fault,
  );
}
await import('./run-process.ts');
