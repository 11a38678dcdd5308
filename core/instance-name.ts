// Names a process among others of its kind, such as `ops-1:18761`.

import { hostname } from 'node:os';

/** @param address HOST:PORT it listens on */
export const instanceName = (address: string): string => `${hostname()}:${address.split(':').at(-1)}`;
