// Starts the program. Compiled sources are cached, which saves a third of the start.

import { enableCompileCache } from 'node:module';
import { join } from 'node:path';
import { cacheFolder } from '../core/user-folders.ts';

enableCompileCache(join(cacheFolder(process.env), 'compiled'));
await import('./run-process.ts');
