// Compares passwords with bcrypt hashes in a thread, so that password guessing cannot delay scrapes.

import { parentPort } from 'node:worker_threads';
import { compareSync } from 'bcryptjs';

export interface Comparison {
  id: number;
  password: string;
  hash: string;
}
export type Compared = { id: number; isRight: boolean };

parentPort?.on('message', ({ id, password, hash }: Comparison) => {
  parentPort?.postMessage({ id, isRight: compareSync(password, hash) } satisfies Compared);
});
