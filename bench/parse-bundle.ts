// Parses every line of a bundle with JSON.parse and discards it: the reference of the analyze bench.

import { createReadStream } from 'node:fs';
import { glob } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

const [folder = ''] = process.argv.slice(2);
let lines = 0;
for await (const name of glob('**/*.ndjson', { cwd: folder })) {
  for await (const line of createInterface({ input: createReadStream(join(folder, name)) })) {
    JSON.parse(line);
    lines += 1;
  }
}
process.stdout.write(`${JSON.stringify({ lines })}\n`);
