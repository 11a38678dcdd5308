// Resolves state and cache folders of the user by the XDG base directory specification 0.8.

import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';

export const stateFolder = (environment: NodeJS.ProcessEnv) =>
  join(xdg(environment['XDG_STATE_HOME']) ?? join(homedir(), '.local', 'state'), 'plimsoll');

/** State of the default lab; `lab up --state-dir` runs others. */
export const labFolder = (environment: NodeJS.ProcessEnv) => join(stateFolder(environment), 'lab');

export const cacheFolder = (environment: NodeJS.ProcessEnv) =>
  join(xdg(environment['XDG_CACHE_HOME']) ?? join(homedir(), '.cache'), 'plimsoll');

/** The specification requires relative paths to be ignored. */
function xdg(path: string | undefined): string | undefined {
  return path !== undefined && isAbsolute(path) ? path : undefined;
}
